"""The flags of deploy: those of one target alone have their defaults and ranges here."""

import argparse
from dataclasses import dataclass

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import ENDPOINTS, LAMBDA, PIPELINE


@dataclass(frozen=True)
class Count:
    """A flag for a number of something. What is none of it, argparse refuses in our words."""

    default: int
    least: int
    most: int | None
    help: str

    def __call__(self, text: str) -> int:
        """Read the number."""
        number = int(text) if text.isascii() and text.isdecimal() else 0
        if number < self.least or (self.most is not None and number > self.most):
            to = "up" if self.most is None else f"to {self.most:,}"
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {self.least} {to}")
        return number


# The flags of both kinds of endpoint are PIPELINE's.
# Those of Lambda have the defaults and ranges of their parameters in infra/lambda.yaml.
COUNTS = {
    PIPELINE: {"instance_count": Count(1, 1, None, "number of instances")},
    LAMBDA: {
        "memory": Count(512, 128, 10_240, "the function's, in MB"),
        "concurrency": Count(20, 1, None, "calls at once; others: 503"),
        "rate": Count(100, 1, None, "requests a second; others: 429"),
        "burst": Count(200, 1, None, "requests at once before --rate"),
    },
}
_TEXTS = {PIPELINE: {"endpoint_name": None, "instance_type": "ml.m5.large"}, LAMBDA: {}}
_TITLES = {
    PIPELINE: "an endpoint (--target pipeline or single)",
    LAMBDA: "a function and its HTTP API (--target lambda)",
}


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of each target; one that is not given is absent from the arguments."""
    groups = {target: parser.add_argument_group(title) for target, title in _TITLES.items()}
    texts = {
        "endpoint_name": "name of the endpoint (RECIPE-TARGET)",
        "instance_type": f"instance of the endpoint ({_TEXTS[PIPELINE]['instance_type']})",
    }
    for name, text in texts.items():
        groups[PIPELINE].add_argument(_flag(name), default=argparse.SUPPRESS, help=text)
    for target, counts in COUNTS.items():
        for name, count in counts.items():
            groups[target].add_argument(
                _flag(name),
                type=count,
                default=argparse.SUPPRESS,
                metavar="N",
                help=f"{count.help} ({count.default})",
            )


def fill_in(arguments: argparse.Namespace) -> None:
    """Give the target's flags that are absent their defaults; raise if one of another is there."""
    own = PIPELINE if arguments.target in ENDPOINTS else arguments.target
    for target, texts in _TEXTS.items():
        defaults = texts | {name: count.default for name, count in COUNTS[target].items()}
        given = [_flag(name) for name in defaults if name in arguments]
        if target != own and given:
            raise DeploymentError(
                f"{', '.join(given)} {'is' if len(given) == 1 else 'are'} for --target {target}; "
                f"the target is {arguments.target}"
            )
        for name, value in defaults.items():
            if name not in arguments:
                setattr(arguments, name, value)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"

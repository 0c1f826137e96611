"""The flags of deploy, with the ranges of those that belong to one target.

The defaults are those of a first release. An update keeps what no flag names.
"""

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws
from scripts.account.command import whole_number
from scripts.account.naming import ENDPOINTS, LAMBDA, PIPELINE
from scripts.account.stacks import recipe_flags
from scripts.functions.access import FLAGS, add_access_arguments
from scripts.releases.alarms import email_address
from scripts.releases.smoke import SECONDS


class Count(NamedTuple):
    """The values of an integer flag."""

    default: int
    minimum: int
    maximum: int | None
    help: str

    def add_to(self, group: Any, flag: str, default: int | None = None) -> None:
        """Add the flag to a group of arguments, with the value that they have without it."""
        text = f"{self.help} (default: {self.default})" if self.default else self.help
        kind = whole_number(self.minimum, self.maximum)
        group.add_argument(flag, type=kind, default=default, metavar="N", help=text)


# The flags of both kinds of endpoint are listed under PIPELINE.
# Those of Lambda have the defaults and ranges of their parameters in infra/lambda.yaml.
COUNTS = {
    PIPELINE: {"instance_count": Count(1, 1, None, "number of instances")},
    LAMBDA: {
        "memory": Count(512, 128, 10_240, "memory of the function in MB"),
        "concurrency": Count(
            20, 0, None, "maximum concurrent calls; others get 503; 0 for the limit of the account"
        ),
        "rate": Count(100, 1, None, "maximum requests per second; others get 429"),
        "burst": Count(200, 1, None, "maximum burst of requests above --rate"),
    },
}
INSTANCE_TYPE = "ml.m5.large"
_ENDPOINT_NAME = "name of the endpoint (default: RECIPE-TARGET)"
_OTHERS = {PIPELINE: ("endpoint_name", "instance_type"), LAMBDA: ("page", "email", *FLAGS)}


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of each target, which are None if they are not passed."""
    kept = "an update keeps the values of flags that you omit"
    endpoint = parser.add_argument_group("endpoints (--target pipeline or single)", kept)
    endpoint.add_argument("--endpoint-name", help=_ENDPOINT_NAME)
    endpoint.add_argument("--instance-type", help=f"instance type (default: {INSTANCE_TYPE})")
    endpoint.add_argument(
        "--with-api", action="store_true", help="also deploy an HTTP API in front of the endpoint"
    )
    function = parser.add_argument_group(
        "functions with an HTTP API (--target lambda, or --with-api)", kept
    )
    function.add_argument(
        "--page",
        action=argparse.BooleanOptionalAction,
        help="whether GET / of an open API is a page to try the model (default: it is)",
    )
    function.add_argument(
        "--email",
        type=email_address,
        help='address that gets an e-mail when an alarm goes off; "" for none',
    )
    add_access_arguments(function)
    for group, counts in ((endpoint, COUNTS[PIPELINE]), (function, COUNTS[LAMBDA])):
        for name, count in counts.items():
            count.add_to(group, _flag(name))


def add_deployed_arguments(
    parser: argparse.ArgumentParser, targets: Sequence[str], purpose: str
) -> None:
    """Add the flags that name a deployment: its target, and the endpoint's name."""
    target = f"{purpose} (default: {PIPELINE})"
    parser.add_argument("--target", choices=targets, default=PIPELINE, help=target)
    parser.add_argument("--endpoint-name", help=_ENDPOINT_NAME)


def deployed_flags(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> str:
    """Return the flags of a suggested command that name a deployment, and where it is."""
    target, name = arguments.target, arguments.endpoint_name
    flags = recipe_flags(aws, recipe, arguments.stack)
    flags += f" --target {target}" if target != PIPELINE else ""
    return flags + (f" --endpoint-name {name}" if name else "")


def add_smoke_argument(parser: argparse.ArgumentParser) -> None:
    """Add the flag of the smoke request."""
    parser.add_argument(
        "--smoke-seconds",
        type=whole_number(0, 60),
        default=SECONDS,
        metavar="N",
        help="seconds within which the new model must answer the example of its package before it "
        "replaces the old one; 0 sends no example (default: %(default)s)",
    )


def check_target_flags(arguments: argparse.Namespace) -> None:
    """Raise DeploymentError for flags of other targets."""
    own = [PIPELINE if arguments.target in ENDPOINTS else arguments.target]
    own += [LAMBDA] if arguments.with_api else []
    for target in COUNTS.keys() - set(own):
        names = [*_OTHERS[target], *COUNTS[target]]
        foreign = [_flag(name) for name in names if getattr(arguments, name) is not None]
        if foreign:
            also = " or --with-api" if target == LAMBDA else ""
            raise DeploymentError(
                f"{', '.join(foreign)} {'is' if len(foreign) == 1 else 'are'} for --target "
                f"{target}{also}; the target is {arguments.target}"
            )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"

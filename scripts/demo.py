"""Run the whole path on this machine: upload, train, register, approve, deploy, invoke.

    python -m scripts.demo          (make demo)
    python -m scripts.demo --keep   stays up afterwards and prints the lines to paste

One recipe goes to a SageMaker endpoint, another to a Lambda function behind an HTTP API.

It starts a local AWS of its own; no AWS account is touched.
"""

import argparse
import importlib.util
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from newsgroup_classifier.recipes.catalogue import find_recipe
from scripts.account import command
from scripts.account.command import Result, say
from scripts.account.local_aws import local_aws
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.demo_steps import Way, set_up

_LOOK_SECONDS = 0.5  # between looks for Ctrl-C
_TO_PIPELINE, _TO_LAMBDA = "newsgroups-naive-bayes", "spooky-topic-forest"
_TO_TENSORFLOW = "digits-cnn"
# Settings of a person's own AWS work, which the demo must not follow.
_UNSET = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "NEWSGROUP_CLASSIFIER_BUCKET",
    "NEWSGROUP_CLASSIFIER_ROLE_ARN",
    "NEWSGROUP_CLASSIFIER_STACK",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    parser.add_argument(
        "--recipe",
        help="deploy this recipe alone, to an endpoint and, if Lambda serves it, to Lambda "
        f"(otherwise {_TO_PIPELINE} goes to an endpoint and {_TO_LAMBDA} to Lambda)",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="folder of the published files (DATASETS_DIR)"
    )
    parser.add_argument(
        "--tensorflow",
        action="store_true",
        help=f"{_TO_TENSORFLOW} goes to TensorFlow Serving, too, trained for two epochs "
        "(installs TensorFlow)",
    )
    parser.add_argument("--keep", action="store_true", help="stay up afterwards, until Ctrl-C")


def run(arguments: argparse.Namespace) -> Result:
    """Run every step against a local AWS; return what each made and its seconds."""
    ways = _ways(arguments.recipe, arguments.data_dir)
    if arguments.tensorflow:
        ways.append(Way(find_recipe(_TO_TENSORFLOW), PIPELINE, arguments.data_dir))
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.perf_counter()
    with local_aws() as url:
        started = time.perf_counter() - began
        _point_at(url)
        rows = [("step", "what happened", "seconds"), ("local AWS", url, f"{started:.1f}")]
        steps: Result = {"local_aws": {"url": url, "seconds": round(started, 2)}}
        for name, work in [("setup", set_up), *(step for way in ways for step in way.steps())]:
            command.stop_if_interrupted()
            say(f"--- {name}")
            before = time.perf_counter()
            sentence, result = work()
            seconds = time.perf_counter() - before
            rows.append((name, sentence, f"{seconds:.1f}"))
            steps[name.replace(" ", "_")] = result | {"seconds": round(seconds, 2)}
        total = time.perf_counter() - began
        data = ", ".join(dict.fromkeys(way.source for way in ways))
        rows.append(("total", f"data: {data}", f"{total:.1f}"))
        say("\n" + command.table(rows))
        if arguments.keep:
            _stay_up(url, ways)
    recipes = list(dict.fromkeys(way.recipe.name for way in ways))
    return {"recipes": recipes, "data": data, "steps": steps, "seconds": round(total, 2)}


def _ways(recipe: str | None, data_dir: Path | None) -> list[Way]:
    """Return the way to the endpoint and, where functions can run, the one to Lambda."""
    pipeline, function = (find_recipe(recipe or name) for name in (_TO_PIPELINE, _TO_LAMBDA))
    first = Way(pipeline, PIPELINE, data_dir)
    if not function.served_by_lambda:
        return [first]
    if importlib.util.find_spec("awslambdaric") is None:
        say(
            "Lambda's half is left out: awslambdaric, which functions run under, is for Linux only."
        )
        return [first]
    return [first, Way(function, LAMBDA, data_dir, after=first if recipe else None)]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _point_at(url: str) -> None:
    for name in _UNSET:
        os.environ.pop(name, None)
    os.environ["AWS_ENDPOINT_URL"] = url


def _stay_up(url: str, ways: list[Way]) -> None:
    lines = "".join(f"  .venv/bin/python -m scripts.invoke {way.example}\n" for way in ways)
    say(
        "\nThe local AWS stays up until Ctrl-C. In another terminal, in this folder:\n"
        f"  export AWS_ENDPOINT_URL={url}\n{lines}"
        "What was deployed is deleted with the local AWS."
    )
    try:
        while True:  # in turns: a wait without an end misses a signal that another thread is given
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        command.forget_interrupt()
        say("stopping")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

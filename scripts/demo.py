"""Run the whole path on this machine: upload, train, register, approve, deploy, invoke.

    python -m scripts.demo          (make demo)
    python -m scripts.demo --keep   stays up afterwards and prints the lines to paste

It starts a local AWS of its own; no AWS account is touched.
"""

import argparse
import csv
import io
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from newsgroup_classifier.errors import DataUnavailable
from newsgroup_classifier.recipes import RECIPES, find_recipe
from scripts import approve, command, deploy, invoke, setup, train, upload_data
from scripts.aws import Aws, Call
from scripts.command import Result, say
from scripts.local_aws import local_aws
from scripts.naming import PIPELINE, channel_prefix, endpoint_name
from scripts.stacks import foundation

_LOOK_SECONDS = 0.5  # between looks for Ctrl-C
_POST_BYTES = 200_000  # enough of the test channel to hold its first post
# Settings of a person's own AWS work, which the demo must not follow.
_UNSET = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "NEWSGROUP_CLASSIFIER_BUCKET",
    "NEWSGROUP_CLASSIFIER_ROLE_ARN",
    "NEWSGROUP_CLASSIFIER_STACK",
)

Step = tuple[str, Callable[[], tuple[str, Result]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    parser.add_argument(
        "--recipe", default=next(iter(RECIPES)), help="what to train (default: %(default)s)"
    )
    parser.add_argument(
        "--data-dir", type=Path, help="folder of the published files (DATASETS_DIR)"
    )
    parser.add_argument("--keep", action="store_true", help="stay up afterwards, until Ctrl-C")


def run(arguments: argparse.Namespace) -> Result:
    """Run every step against a local AWS; return what each made and its seconds."""
    recipe = find_recipe(arguments.recipe)
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.perf_counter()
    with local_aws() as url:
        started = time.perf_counter() - began
        _point_at(url)
        demo = _Demo(recipe.name, arguments.data_dir)
        rows = [("step", "what happened", "seconds"), ("local AWS", url, f"{started:.1f}")]
        steps: Result = {"local_aws": {"url": url, "seconds": round(started, 2)}}
        for name, work in demo.steps():
            command.stop_if_interrupted()
            say(f"--- {name}")
            before = time.perf_counter()
            sentence, result = work()
            seconds = time.perf_counter() - before
            rows.append((name, sentence, f"{seconds:.1f}"))
            steps[name] = result | {"seconds": round(seconds, 2)}
        total = time.perf_counter() - began
        rows.append(("total", f"data: {demo.source}", f"{total:.1f}"))
        say("\n" + command.table(rows))
        if arguments.keep:
            _stay_up(url, recipe.name)
    return {"recipe": recipe.name, "data": demo.source, "steps": steps, "seconds": round(total, 2)}


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _point_at(url: str) -> None:
    for name in _UNSET:
        os.environ.pop(name, None)
    os.environ["AWS_ENDPOINT_URL"] = url


def _stay_up(url: str, recipe: str) -> None:
    say(
        "\nThe local AWS stays up until Ctrl-C. In another terminal, in this folder:\n"
        f"  export AWS_ENDPOINT_URL={url}\n"
        f"  .venv/bin/python -m scripts.invoke --recipe {recipe} --file docs/post.txt\n"
        "The endpoint is deleted with the local AWS."
    )
    try:
        while True:  # in turns: a wait without an end misses a signal that another thread is given
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        command.forget_interrupt()
        say("stopping")


class _Demo:
    """The steps of the demo, each a sentence for the table and what the script returned."""

    def __init__(self, recipe: str, data_dir: Path | None) -> None:
        self._recipe = recipe
        self._data_dir = data_dir
        self.source = ""

    def steps(self) -> list[Step]:
        return [
            ("setup", self._setup),
            ("upload", self._upload),
            ("train", self._train),
            ("approve", self._approve),
            ("deploy", self._deploy),
            ("invoke", self._invoke),
        ]

    def _run(self, script: ModuleType, *extra: str) -> Result:
        parser = argparse.ArgumentParser()
        script.add_arguments(parser)
        recipe = [] if script is setup else ["--recipe", self._recipe]
        result: Result = script.run(parser.parse_args([*recipe, *extra]))
        return result

    def _setup(self) -> tuple[str, Result]:
        result = self._run(setup)
        return f"bucket {result['bucket']} and a role", result

    def _upload(self) -> tuple[str, Result]:
        folder = ["--data-dir", str(self._data_dir)] if self._data_dir else []
        try:
            result = self._run(upload_data, *folder)
        except DataUnavailable as error:
            say(f"WARNING: {error}")
            say("WARNING: a small generated corpus is used instead. Its figures mean nothing.")
            result = self._run(upload_data, "--generated-sample")
        self.source = result["data"]
        return f"train and test channels: {self.source}", result

    def _train(self) -> tuple[str, Result]:
        result = self._run(train)
        metrics = result["metrics"]
        figures = f"accuracy {metrics['accuracy']:.4f}, macro F1 {metrics['macro_f1']:.4f}"
        return f"{figures} ({self.source}); registered", result

    def _approve(self) -> tuple[str, Result]:
        result = self._run(approve)
        return result["model_package_arn"].split(":", 5)[-1], result

    def _deploy(self) -> tuple[str, Result]:
        result = self._run(deploy)
        return f"endpoint {result['endpoint_name']}", result

    def _invoke(self) -> tuple[str, Result]:
        post, subject, label = self._first_test_post()
        result = invoke.invoke(Aws(), self._invocation(), post.encode(), self._recipe)
        best = result["predictions"][0]
        sentence = f"a post of {label}: {best['label']} ({best['probability']:.3f})"
        about = {"subject": subject, "label": label, "data": self.source}
        return f"{sentence} ({self.source})", about | result

    def _invocation(self) -> Call:
        parameters = {
            "EndpointName": endpoint_name(self._recipe, PIPELINE),
            "ContentType": "text/plain",
            "Accept": "application/json",
        }
        return Call("sagemaker-runtime", "invoke_endpoint", parameters)

    def _first_test_post(self) -> tuple[str, str, str]:
        """Read the first post of the test channel, its subject and its label, from S3."""
        aws = Aws()
        bucket = foundation(aws, "newsgroup-classifier").bucket
        key = f"{channel_prefix(find_recipe(self._recipe).dataset)}test/test.csv"
        answer: dict[str, Any] = aws.client("s3").get_object(
            Bucket=bucket, Key=key, Range=f"bytes=0-{_POST_BYTES}"
        )
        text = answer["Body"].read().decode("utf-8", "ignore")
        row = next(csv.DictReader(io.StringIO(text, newline="")))
        return row["data"], row["data_subject"], row["label_names"]


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

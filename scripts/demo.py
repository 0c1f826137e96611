"""Run every step on this machine: upload, train, register, approve, deploy, and invoke.

    python -m scripts.demo
    python -m scripts.demo --keep

One recipe is deployed to a SageMaker endpoint, another to a Lambda function behind an HTTP API.
With --keep, both keep running, and the demo prints commands that use them.

The demo starts its own local AWS and does not touch an AWS account.
"""

import argparse
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from newsgroup_classifier.errors import DataUnavailable
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from scripts.account import command
from scripts.account.aws import Aws, Call
from scripts.account.command import Result, run_command, say
from scripts.account.local_aws import local_aws
from scripts.account.naming import API, DEFAULT_STACK, LAMBDA, PIPELINE, endpoint_name
from scripts.endpoints.bodies import Example, first_example
from scripts.functions.invoke import api_call, invoke_api
from scripts.functions.release import function_outputs
from scripts.invoke import invoke

_POLL_SECONDS = 0.5  # between checks for Ctrl-C
_ENDPOINT_RECIPE, _LAMBDA_RECIPE = "newsgroups-naive-bayes", "spooky-topic-forest"
_TENSORFLOW_RECIPE = "digits-cnn"
# A full training takes minutes. After two epochs the accuracy of digits-cnn is 99%.
_QUICK = {"tensorflow": ("--set", "epochs=2")}
_NOUNS = {"texts": "a text", "images": "an image"}
# The user's own AWS configuration, which the demo must ignore.
_UNSET = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "NEWSGROUP_CLASSIFIER_BUCKET",
    "NEWSGROUP_CLASSIFIER_ROLE_ARN",
    "NEWSGROUP_CLASSIFIER_STACK",
)

Step = tuple[str, Callable[[], tuple[str, Result]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="deploy only this recipe, to an endpoint and, if possible, to Lambda "
        f"(default: {_ENDPOINT_RECIPE} to an endpoint, {_LAMBDA_RECIPE} to Lambda)",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="folder with the published files (default: DATASETS_DIR)"
    )
    parser.add_argument(
        "--tensorflow",
        action="store_true",
        help=f"also train {_TENSORFLOW_RECIPE} for two epochs and deploy it to TensorFlow "
        "Serving (installs TensorFlow)",
    )
    parser.add_argument("--keep", action="store_true", help="keep running until Ctrl-C")


def run(arguments: argparse.Namespace) -> Result:
    """Run every step against a local AWS; return the result and the seconds of each."""
    routes = _routes(arguments.recipe, arguments.data_dir)
    if arguments.tensorflow:
        routes.append(Route(find_recipe(_TENSORFLOW_RECIPE), PIPELINE, arguments.data_dir))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    start = time.perf_counter()
    with local_aws() as url:
        started = time.perf_counter() - start
        for name in _UNSET:
            os.environ.pop(name, None)
        os.environ["AWS_ENDPOINT_URL"] = url
        rows = [("step", "result", "seconds"), ("local AWS", url, f"{started:.1f}")]
        steps: Result = {"local_aws": {"url": url, "seconds": round(started, 2)}}
        later = [step for route in routes for step in route.steps()]
        for name, step in [("setup", _set_up), *later]:
            command.stop_if_interrupted()
            say(f"--- {name}")
            before = time.perf_counter()
            sentence, result = step()
            seconds = time.perf_counter() - before
            rows.append((name, sentence, f"{seconds:.1f}"))
            steps[name.replace(" ", "_")] = result | {"seconds": round(seconds, 2)}
        total = time.perf_counter() - start
        data = ", ".join(dict.fromkeys(route.source for route in routes))
        rows.append(("total", f"data: {data}", f"{total:.1f}"))
        say("\n" + command.table(rows))
        if arguments.keep:
            _keep_running(url, routes)
    recipes = list(dict.fromkeys(route.recipe.name for route in routes))
    return {"recipes": recipes, "data": data, "steps": steps, "seconds": round(total, 2)}


def _set_up() -> tuple[str, Result]:
    """Create the foundation stack."""
    result = run_command("setup")
    return f"bucket {result['bucket']} and roles", result


def _routes(recipe: str | None, data_dir: Path | None) -> "list[Route]":
    """Return the route to the endpoint and, where functions can run, the one to Lambda."""
    first = Route(find_recipe(recipe or _ENDPOINT_RECIPE), PIPELINE, data_dir)
    function = find_recipe(recipe or _LAMBDA_RECIPE)
    if not function.served_by_lambda:
        return [first]
    if importlib.util.find_spec("awslambdaric") is None:
        say("The Lambda half is skipped: functions run under awslambdaric, which needs Linux.")
        return [first]
    return [first, Route(function, LAMBDA, data_dir, previous=first if recipe else None)]


def _keep_running(url: str, routes: "list[Route]") -> None:
    lines = "".join(f"  .venv/bin/python -m scripts.invoke {route.example}\n" for route in routes)
    say(
        "\nThe local AWS keeps running until Ctrl-C. In another terminal, in this folder:\n"
        f"  export AWS_ENDPOINT_URL={url}\n{lines}"
        "Everything deployed here is deleted with the local AWS."
    )
    try:
        while True:  # an endless wait would miss a signal that another thread receives
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        command.forget_interrupt()
        say("stopping")


class Route:
    """The steps of one recipe to one target; each returns a sentence and the command's result.

    A route with a `previous` one of the same recipe deploys the model that exists already.
    """

    def __init__(
        self, recipe: Recipe, target: str, data_dir: Path | None, previous: "Route | None" = None
    ) -> None:
        self.recipe, self._target, self._data_dir = recipe, target, data_dir
        self._previous = previous
        self._source = ""

    @property
    def source(self) -> str:
        """The source of the data, once it is known."""
        return self._previous.source if self._previous else self._source

    @property
    def example(self) -> str:
        """The arguments of `invoke` that use this deployment."""
        if self.recipe.inputs == "images":
            return f"--recipe {self.recipe.name}"  # it sends an example
        sentences = self.recipe.least_lines == 1
        text = '"The raven sat on my chamber door."' if sentences else "--file docs/post.txt"
        target = "" if self._target == PIPELINE else f" --target {API}"
        return f"--recipe {self.recipe.name}{target} {text}"

    def steps(self) -> list[Step]:
        """Return the steps in order; the names of those of Lambda and TensorFlow say so."""
        prefix = "" if self._target == PIPELINE else f"{self._target} "
        prefix = "tensorflow " if self.recipe.framework == "tensorflow" else prefix
        model = () if self._previous else (self._upload, self._train, self._approve)
        steps = (*model, self._deploy, self._invoke)
        return [(prefix + step.__name__.lstrip("_"), step) for step in steps]

    def _run(self, name: str, *extra: str) -> Result:
        return run_command(name, "--recipe", self.recipe.name, *extra)

    def _upload(self) -> tuple[str, Result]:
        folder = ["--data-dir", str(self._data_dir)] if self._data_dir else []
        try:
            result = self._run("upload_data", *folder)
        except DataUnavailable as error:
            say(f"WARNING: {error}")
            say("WARNING: using a small generated corpus instead. Its metrics are meaningless.")
            result = self._run("upload_data", "--generated-sample")
        self._source = result["data"]
        *others, last = result["channels"]
        comma = "," if len(others) > 1 else ""
        return f"{', '.join(others)}{comma} and {last} channels: {self.source}", result

    def _train(self) -> tuple[str, Result]:
        result = self._run("train", *_QUICK.get(self.recipe.framework, ()))
        metrics = result["metrics"]
        figures = f"accuracy {metrics['accuracy']:.4f}, macro F1 {metrics['macro_f1']:.4f}"
        return f"{figures} ({self.source}); registered", result

    def _approve(self) -> tuple[str, Result]:
        result = self._run("approve")
        return result["model_package_arn"].split(":", 5)[-1], result

    def _deploy(self) -> tuple[str, Result]:
        result = self._run("deploy", "--target", self._target)
        if self._target == PIPELINE:
            return f"endpoint {result['endpoint_name']}", result
        return f"HTTP API {result['api_url']}", result

    def _invoke(self) -> tuple[str, Result]:
        aws = Aws()
        example = first_example(aws, self.recipe, DEFAULT_STACK)
        result = self._predict(aws, example)
        best = result["predictions"][0]
        noun = _NOUNS[self.recipe.inputs]
        sentence = f"{noun} of {example.label}: {best['label']} ({best['probability']:.3f})"
        about = {"subject": example.subject, "label": example.label, "data": self.source}
        return f"{sentence} ({self.source})", about | result

    def _predict(self, aws: Aws, example: Example) -> Result:
        name = self.recipe.name
        if self._target != PIPELINE:
            outputs = function_outputs(aws, DEFAULT_STACK, name)
            return invoke_api(aws, api_call(aws, outputs), [example.body.decode()])
        parameters = {
            "EndpointName": endpoint_name(name, PIPELINE),
            "ContentType": example.content_type,
            "Accept": "application/json",
        }
        call = Call("sagemaker-runtime", "invoke_endpoint", parameters)
        return invoke(aws, call, example.body, name, DEFAULT_STACK)


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

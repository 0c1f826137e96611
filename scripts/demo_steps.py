"""The steps of the demo: a recipe from its data to a prediction, by an endpoint or by Lambda."""

import argparse
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from newsgroup_classifier.errors import DataUnavailable
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts import approve, deploy, invoke, setup, train, upload_data
from scripts.account.aws import Aws, Call
from scripts.account.command import Result, say
from scripts.account.naming import API, PIPELINE, endpoint_name, lambda_stack_name
from scripts.endpoints.bodies import Example, first_example
from scripts.functions.invoke import api_call, invoke_api
from scripts.functions.release import function_outputs

STACK = "newsgroup-classifier"
# A full training takes minutes; after two epochs digits-cnn is right 99 times of 100.
_QUICKLY = {"tensorflow": ("--set", "epochs=2")}
_A = {"text": "a text", "image": "an image"}

Step = tuple[str, Callable[[], tuple[str, Result]]]


def run_script(script: ModuleType, *arguments: str) -> Result:
    """Run a script of the project in this process."""
    parser = argparse.ArgumentParser()
    script.add_arguments(parser)
    result: Result = script.run(parser.parse_args(arguments))
    return result


def set_up() -> tuple[str, Result]:
    """Make the foundation stack."""
    result = run_script(setup)
    return f"bucket {result['bucket']} and a role", result


class Way:
    """The steps of one recipe to one target, each a sentence and what its script returned.

    One that comes after another of the same recipe deploys the model that is there.
    """

    def __init__(
        self, recipe: Recipe, target: str, data_dir: Path | None, after: "Way | None" = None
    ) -> None:
        self.recipe, self._target, self._data_dir = recipe, target, data_dir
        self._after = after
        self._source = ""

    @property
    def source(self) -> str:
        """Where its data is from, once that is known."""
        return self._after.source if self._after else self._source

    @property
    def example(self) -> str:
        """The arguments of scripts.invoke that ask what this way deployed."""
        if self.recipe.inputs == "images":
            return f"--recipe {self.recipe.name}"  # it sends an example
        sentences = self.recipe.least_lines == 1
        text = '"The raven sat on my chamber door."' if sentences else "--file docs/post.txt"
        target = "" if self._target == PIPELINE else f" --target {API}"
        return f"--recipe {self.recipe.name}{target} {text}"

    def steps(self) -> list[Step]:
        """Return the steps in their order; those of Lambda and TensorFlow have it in front."""
        front = "" if self._target == PIPELINE else f"{self._target} "
        front = "tensorflow " if self.recipe.framework == "tensorflow" else front
        model = () if self._after else (self._upload, self._train, self._approve)
        work = (*model, self._deploy, self._invoke)
        return [(front + step.__name__.lstrip("_"), step) for step in work]

    def _run(self, script: ModuleType, *extra: str) -> Result:
        return run_script(script, "--recipe", self.recipe.name, *extra)

    def _upload(self) -> tuple[str, Result]:
        folder = ["--data-dir", str(self._data_dir)] if self._data_dir else []
        try:
            result = self._run(upload_data, *folder)
        except DataUnavailable as error:
            say(f"WARNING: {error}")
            say("WARNING: a small generated corpus is used instead. Its figures mean nothing.")
            result = self._run(upload_data, "--generated-sample")
        self._source = result["data"]
        return f"{' and '.join(result['channels'])} channels: {self.source}", result

    def _train(self) -> tuple[str, Result]:
        result = self._run(train, *_QUICKLY.get(self.recipe.framework, ()))
        metrics = result["metrics"]
        figures = f"accuracy {metrics['accuracy']:.4f}, macro F1 {metrics['macro_f1']:.4f}"
        return f"{figures} ({self.source}); registered", result

    def _approve(self) -> tuple[str, Result]:
        result = self._run(approve)
        return result["model_package_arn"].split(":", 5)[-1], result

    def _deploy(self) -> tuple[str, Result]:
        result = self._run(deploy, "--target", self._target)
        if self._target == PIPELINE:
            return f"endpoint {result['endpoint_name']}", result
        return f"HTTP API {result['api_url']}", result

    def _invoke(self) -> tuple[str, Result]:
        aws = Aws()
        example = first_example(aws, self.recipe, STACK)
        result = self._answer(aws, example)
        best, kind = result["predictions"][0], self.recipe.inputs.removesuffix("s")
        sentence = f"{_A[kind]} of {example.label}: {best['label']} ({best['probability']:.3f})"
        about = {"subject": example.subject, "label": example.label, "data": self.source}
        return f"{sentence} ({self.source})", about | result

    def _answer(self, aws: Aws, example: Example) -> Result:
        name = self.recipe.name
        if self._target != PIPELINE:
            outputs = function_outputs(aws, lambda_stack_name(STACK, name), name)
            return invoke_api(aws, api_call(aws, outputs), [example.body.decode()])
        parameters = {
            "EndpointName": endpoint_name(name, PIPELINE),
            "ContentType": example.content_type,
            "Accept": "application/json",
        }
        call = Call("sagemaker-runtime", "invoke_endpoint", parameters)
        return invoke.invoke(aws, call, example.body, name)

"""A shipped model, and its answers in memory, at the endpoint, in a transform, Lambda, and APIs."""

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end.posts import check_predictions, load_model
from tests.scripts.processes import Ended, Scripts
from tests.scripts.releases import Release

Predictions = list[dict[str, Any]]


@dataclass(frozen=True)
class Shipped:
    """The commands of a region, the ended command, and the flags that select its recipe."""

    scripts: Scripts
    ended: Ended
    selection: tuple[str, ...]

    @property
    def steps(self) -> dict[str, Any]:
        """The result of each step."""
        steps: dict[str, Any] = self.ended.result["steps"]
        return steps

    @property
    def release(self) -> Release:
        """The steps up to the endpoint in the form of a release."""
        steps = self.steps
        return Release(self.scripts, {}, steps["upload"], steps["train"], steps["deploy"])


def ship(scripts: Scripts, path: Path, name: str, *flags: str) -> Shipped:
    """Ship a file to endpoint and Lambda."""
    ended = scripts.run("ship", str(path), "--name", name, "--target", "both", "--yes", *flags)
    return Shipped(scripts, ended, ("--recipe", "text-linear", "--name", name))


def check_every_target(shipped: Shipped, texts: Sequence[str], folder: Path) -> Predictions:
    """Assert that every target answers as the model in memory does, to 1e-6; return the answers."""
    model = load_model(shipped.release, folder)
    steps = shipped.steps
    answers = [
        _endpoint(shipped.scripts, steps["deploy"]["endpoint_name"], texts),
        _transform(shipped, texts, folder),
        _lambda(shipped.scripts, steps["lambda_deploy"]["function_name"], texts),
        *(_api(step["api_url"], texts) for step in steps.values() if "api_url" in step),
    ]
    for predictions in answers:
        check_predictions(predictions, texts, model)
    return answers[0]


def _endpoint(scripts: Scripts, name: str, texts: Sequence[str]) -> Predictions:
    client = scripts.client("sagemaker-runtime")
    body, kind = json.dumps(list(texts)), "application/json"
    response = client.invoke_endpoint(EndpointName=name, Body=body, ContentType=kind, Accept=kind)
    return list(json.loads(response["Body"].read())["predictions"])


def _transform(shipped: Shipped, texts: Sequence[str], folder: Path) -> Predictions:
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    flags = (*shipped.selection, "--input", str(path))
    output = shipped.scripts.run("transform", *flags).result["output"]
    lines = shipped.scripts.read_object(f"{output}texts.jsonl.out").splitlines()
    return [json.loads(line) for line in lines]


def _lambda(scripts: Scripts, name: str, texts: Sequence[str]) -> Predictions:
    payload = json.dumps({"instances": list(texts)})
    response = scripts.client("lambda").invoke(FunctionName=name, Payload=payload)
    return list(json.loads(response["Payload"].read())["predictions"])


def _api(url: str, texts: Sequence[str]) -> Predictions:
    request = urllib.request.Request(  # noqa: S310 - the local AWS
        f"{url}/predict",
        data=json.dumps({"instances": list(texts)}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return list(json.loads(response.read())["predictions"])

"""Our handler answers the same under AWS's own emulator as under the local Lambda's Runtime API."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local_aws.awslambda.environment import ExecutionEnvironment, Program
from local_aws.awslambda.runtime_site import make_runtime_site
from scripts.functions.numpy_layer import this_machine
from scripts.functions.package import build_package
from tests.lambda_handler.calling import http_event, stored
from tests.lambda_handler.tiny_model import ModelFile, tiny_model
from tests.toolkit.emulator import call, emulated

pytestmark = pytest.mark.toolkit
TEXTS = json.dumps({"instances": ["the raven at midnight", "a cosmic horror", "nothing known"]})
EVENTS = {
    "payload 2.0": http_event("2", body=TEXTS, isBase64Encoded=False),
    "payload 1.0": http_event("1", body=TEXTS, isBase64Encoded=False),
    "health": http_event("2", "GET", "/health"),
    "document": http_event("2", "GET", "/openapi.json"),
    "unknown route": http_event("2", "GET", "/nowhere"),
    "broken body": http_event("2", body="{", isBase64Encoded=False),
    "direct": {"text": "the raven at midnight"},
    "warm-up": stored("scheduled"),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """Unpack the package that deploy uploads, with a model in it."""
    folder = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(io.BytesIO(build_package(this_machine(), folder / "cache"))) as archive:
        archive.extractall(folder / "code")
    (folder / "code" / "model.npz").write_bytes(tiny_model())
    return folder


@pytest.fixture(scope="module")
def variables(package) -> dict[str, str]:
    path = package / "code" / "model.npz"
    sha256 = ModelFile(path, path.read_bytes()).sha256
    return {"MODEL_URI": "model.npz", "MODEL_SHA256": sha256}


@pytest.fixture(scope="module")
def runtime(package) -> Path:
    return make_runtime_site(package / "runtime")


@pytest.fixture(scope="module")
def of_the_emulator(package, runtime, variables) -> dict[str, Any]:
    """Ask the emulator every event, one by one: two at once crash it (its issue 97)."""
    with emulated(package / "code", runtime, variables) as address:
        return {name: call(address, event) for name, event in EVENTS.items()}


@pytest.fixture(scope="module")
def of_our_own(package, runtime, variables) -> dict[str, Any]:
    program = Program(
        package / "code", "lambda_handler.handler.handler", runtime, variables, 512, 20.0
    )
    with ExecutionEnvironment(program, package / "environment") as environment:
        return {
            name: json.loads(environment.invoke(json.dumps(event).encode()).payload)
            for name, event in EVENTS.items()
        }


def without_ids(answer: Any) -> Any:
    """Return an answer without the request's own id, which no two requests share."""
    content = json.loads(answer["body"]) if "body" in answer else answer
    if "error" in content:
        assert content["error"].pop("request_id")
    return content


@pytest.mark.parametrize("name", EVENTS)
def test_handler_answers_the_same_under_both(of_the_emulator, of_our_own, name):
    theirs, ours = of_the_emulator[name], of_our_own[name]
    assert theirs.get("statusCode") == ours.get("statusCode")
    assert without_ids(theirs) == without_ids(ours)


def test_emulator_ran_the_model(of_the_emulator):
    body = json.loads(of_the_emulator["payload 2.0"]["body"])
    assert [found["label"] for found in body["predictions"][:2]] == ["EAP", "HPL"]

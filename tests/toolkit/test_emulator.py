"""The handler responds the same under AWS's emulator as under the local AWS."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program
from local_aws.awslambda.execution.runtime_site import make_runtime_site
from scripts.functions.package import build_package, this_machine
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
    """Unpack the package that deploy uploads, and add a model."""
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
def emulator_responses(package, runtime, variables) -> dict[str, Any]:
    """Send every event to the emulator one by one; two at once crash it (its issue 97)."""
    with emulated(package / "code", runtime, variables) as address:
        return {name: call(address, event) for name, event in EVENTS.items()}


@pytest.fixture(scope="module")
def local_responses(package, runtime, variables) -> dict[str, Any]:
    program = Program(
        package / "code", "lambda_handler.handler.handler", runtime, variables, 512, 20.0
    )
    with ExecutionEnvironment(program, package / "environment") as environment:
        return {
            name: json.loads(environment.invoke(json.dumps(event).encode()).payload)
            for name, event in EVENTS.items()
        }


def without_ids(response: Any) -> Any:
    """Return the content of a response without its request id, which is unique."""
    content = json.loads(response["body"]) if "body" in response else response
    if "error" in content:
        assert content["error"].pop("request_id")
    return content


@pytest.mark.parametrize("name", EVENTS)
def test_handler_responds_the_same_under_both(emulator_responses, local_responses, name):
    theirs, ours = emulator_responses[name], local_responses[name]
    assert theirs.get("statusCode") == ours.get("statusCode")
    assert without_ids(theirs) == without_ids(ours)


def test_emulator_ran_the_model(emulator_responses):
    body = json.loads(emulator_responses["payload 2.0"]["body"])
    assert [prediction["label"] for prediction in body["predictions"][:2]] == ["EAP", "HPL"]

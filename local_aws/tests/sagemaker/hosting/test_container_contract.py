"""What the scikit-learn container does with a program's functions, its quirks included."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, archive, unique

# Answers what its functions were given; a body that names a form is answered in that form.
PROGRAM = """
import json
import os


def model_fn(model_dir):
    return sorted(os.listdir(model_dir))


def input_fn(body, content_type):
    return body, {"kind": type(body).__name__, "content_type": content_type}


def predict_fn(data, model):
    body, seen = data
    return body, seen | {"model": model}


def output_fn(prediction, accept):
    body, seen = prediction
    text = json.dumps(seen | {"accept": accept})
    return text if body == "bare" else (text, "application/json")
"""
SUM = """
def model_fn(model_dir):
    return None

def predict_fn(array, model):
    return array.sum(axis=1)
"""
TRANSFORM = """
def model_fn(model_dir):
    return "model"

def transform_fn(model, body, content_type, accept):
    return f"{model} {body} {content_type} {accept}", "text/plain"
"""
TQDM = """
import tqdm

def model_fn(model_dir):
    return tqdm.__name__

def predict_fn(array, model):
    return model
"""


@pytest.fixture(scope="module")
def program(account) -> str:
    """Deploy the program that answers what it was given."""
    return str(account.deploy(account.packed_container(PROGRAM)))


def invoke(account: Account, endpoint: str, body: str | bytes, **headers: str) -> dict[str, Any]:
    return dict(account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers))


def failure_of(account: Account, container: dict[str, Any]) -> str:
    """Deploy a container that must fail; return the reason."""
    name = account.start_endpoint(container)
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    account.delete_endpoint(name)
    return str(endpoint["FailureReason"])


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json", "str"),
        ("text/csv", "str"),
        ("application/json; charset=utf-8", "bytes"),
        ("application/x-npy", "bytes"),
    ],
)
@pytest.mark.observes("serve-input-str")
def test_input_fn_is_given_text_for_exactly_json_and_csv(account, program, content_type, kind):
    answer = invoke(account, program, "body", ContentType=content_type)
    seen = json.load(answer["Body"])
    assert (seen["kind"], seen["content_type"]) == (kind, content_type)


@pytest.mark.observes("serve-default-accept")
def test_output_fn_is_given_json_unless_the_request_accepts_something(account, program):
    plain = invoke(account, program, "body", ContentType="text/csv")
    asked = invoke(account, program, "body", ContentType="text/csv", Accept="text/plain")
    accepts = [json.load(answer["Body"])["accept"] for answer in (plain, asked)]
    assert accepts == ["application/json", "text/plain"]


def test_model_fn_is_given_the_folder_of_the_unpacked_model(account, program):
    answer = invoke(account, program, "body", ContentType="text/csv")
    assert json.load(answer["Body"])["model"] == ["code"]


@pytest.mark.observes("serve-tuple")
def test_output_fn_answering_a_tuple_leaves_with_its_own_type(account, program):
    answer = invoke(account, program, "body", ContentType="text/csv")
    assert answer["ContentType"] == "application/json"


@pytest.mark.observes("serve-bare-text")
def test_output_fn_answering_a_bare_text_leaves_as_html(account, program):
    answer = invoke(account, program, "bare", ContentType="text/csv")
    assert answer["ContentType"] == "text/html; charset=utf-8"


def test_container_called_by_many_at_once_answers_each_its_own(account, program):
    def ask(number: int) -> str:
        content_type = f"text/plain; number={number}"
        answer = invoke(account, program, "body", ContentType=content_type)
        return str(json.load(answer["Body"])["content_type"])

    with ThreadPoolExecutor(max_workers=8) as pool:
        seen = list(pool.map(ask, range(64)))
    assert seen == [f"text/plain; number={number}" for number in range(64)]


@pytest.mark.observes("serve-default-input", "not-npy-pickles")
def test_default_input_fn_reads_npy_without_pickles(account):
    endpoint = account.deploy(account.packed_container(SUM))

    def npy(array: Any) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, array)
        return buffer.getvalue()

    npy_type = {"ContentType": "application/x-npy"}
    answer = invoke(account, endpoint, npy(np.ones((2, 3))), **npy_type)
    assert json.load(answer["Body"]) == [3, 3]
    with pytest.raises(ClientError, match=r"\(500\) from model"):
        invoke(account, endpoint, npy(np.array([[{"a": "pickle"}]])), **npy_type)
    account.delete_endpoint(endpoint)


@pytest.mark.observes("serve-transform-fn")
def test_transform_fn_takes_the_place_of_the_three_functions(account):
    endpoint = account.deploy(account.packed_container(TRANSFORM))
    answer = invoke(account, endpoint, "body", ContentType="text/csv", Accept="text/x")
    assert answer["Body"].read() == b"model body text/csv text/x"
    account.delete_endpoint(endpoint)


@pytest.mark.observes("serve-requirements")
def test_container_bundle_that_asks_for_an_installed_package_can_import_it(account):
    files = {"code/serve.py": TQDM, "code/requirements.txt": "# for a bar\ntqdm\n"}
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    endpoint = account.deploy(account.packed_container("") | {"ModelDataUrl": uri})
    answer = invoke(account, endpoint, "[[1]]", ContentType="application/json")
    assert json.load(answer["Body"]) == "tqdm"
    account.delete_endpoint(endpoint)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (TQDM, "No module named 'tqdm'"),
        ("", "Please provide a model_fn implementation."),
        (TRANSFORM + "\ndef predict_fn(data, model): ...\n", "Cannot use transform_fn with"),
        ("def model_fn(model_dir): raise OSError('no model.joblib')", "no model.joblib"),
    ],
    ids=["import", "no model_fn", "transform_fn and predict_fn", "model_fn raises"],
)
@pytest.mark.observes(
    "not-eight-minutes-of-failing",
    "image-nothing-else",
    "serve-model-fn-required",
    "serve-transform-fn",
)
def test_container_whose_program_cannot_start_fails_the_ping_with_its_reason(
    account, script, reason
):
    found = failure_of(account, account.packed_container(script))
    assert found.startswith("The primary container for production variant AllTraffic did not pass")
    assert reason in found


@pytest.mark.observes("serve-program-unset")
def test_container_without_a_program_fails_the_ping_with_an_empty_module_name(account):
    container = account.packed_container("")
    container["Environment"].pop("SAGEMAKER_PROGRAM")
    assert "Empty module name" in failure_of(account, container)


def test_container_of_a_bundle_that_is_not_there_fails_naming_the_folder(account):
    container = account.packed_container("")
    container["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] = "/opt/ml/model/elsewhere"
    assert "/model/elsewhere" in failure_of(account, container)


@pytest.mark.observes("serve-program-slash")
def test_container_whose_program_is_named_with_a_slash_cannot_import_it(account):
    files = {"code/package/__init__.py": "", "code/package/serve.py": TRANSFORM}
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    container = account.packed_container("") | {"ModelDataUrl": uri}
    container["Environment"]["SAGEMAKER_PROGRAM"] = "package/serve.py"
    assert "No module named 'package/serve'" in failure_of(account, container)
    container["Environment"]["SAGEMAKER_PROGRAM"] = "package.serve"
    account.delete_endpoint(account.deploy(container))


@pytest.mark.observes("serve-requirements", "not-requirements-fetched")
def test_container_whose_bundle_asks_for_what_cannot_be_had_does_not_start(account):
    files = {"code/serve.py": SUM, "code/requirements.txt": "no-such-distribution==1.0\n"}
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    container = account.packed_container("") | {"ModelDataUrl": uri}
    assert "did not pass the ping health check" in failure_of(account, container)

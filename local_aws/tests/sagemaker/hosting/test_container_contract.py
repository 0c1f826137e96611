"""How the scikit-learn container calls a program's functions, including its quirks."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, archive, unique

# Returns the arguments of its functions.
PROGRAM = """
import json
import os


def model_fn(model_dir):
    return sorted(os.listdir(model_dir))


def input_fn(body, content_type):
    return {"kind": type(body).__name__, "content_type": content_type}


def predict_fn(arguments, model):
    return arguments | {"model": model}


def output_fn(arguments, accept):
    return json.dumps(arguments | {"accept": accept}), "application/json"
"""
SUM = """
def model_fn(model_dir):
    return None

def predict_fn(array, model):
    return array.sum(axis=1)
"""
LABELS = """
import numpy as np

def model_fn(model_dir):
    return None

def predict_fn(array, model):
    return np.array(["cat", "dog"], dtype=object)  # as predict() of a model fitted with pandas
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
    """Deploy the program that returns the arguments of its functions."""
    return str(account.deploy(account.packed_container(PROGRAM)))


def invoke(account: Account, endpoint: str, body: str | bytes, **headers: str) -> dict[str, Any]:
    return dict(account.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **headers))


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
def test_input_fn_receives_text_for_exactly_json_and_csv(account, program, content_type, kind):
    response = invoke(account, program, "body", ContentType=content_type)
    arguments = json.load(response["Body"])
    assert (arguments["kind"], arguments["content_type"]) == (kind, content_type)


@pytest.mark.observes("serve-default-accept")
def test_output_fn_receives_json_as_accept_by_default(account, program):
    default = invoke(account, program, "body", ContentType="text/csv")
    explicit = invoke(account, program, "body", ContentType="text/csv", Accept="text/plain")
    accepts = [json.load(response["Body"])["accept"] for response in (default, explicit)]
    assert accepts == ["application/json", "text/plain"]


def test_model_fn_receives_the_folder_of_the_unpacked_model(account, program):
    response = invoke(account, program, "body", ContentType="text/csv")
    assert json.load(response["Body"])["model"] == ["code"]


@pytest.mark.observes("serve-tuple")
def test_output_fn_that_returns_a_tuple_sets_the_content_type(account, program):
    response = invoke(account, program, "body", ContentType="text/csv")
    assert response["ContentType"] == "application/json"


def test_concurrent_requests_each_get_their_own_response(account, program):
    def content_type(number: int) -> str:
        response = invoke(account, program, "body", ContentType=f"text/plain; number={number}")
        return str(json.load(response["Body"])["content_type"])

    with ThreadPoolExecutor(max_workers=8) as pool:
        content_types = list(pool.map(content_type, range(64)))
    assert content_types == [f"text/plain; number={number}" for number in range(64)]


@pytest.mark.slow
@pytest.mark.observes("serve-default-input", "not-npy-pickles")
def test_default_input_fn_reads_npy_without_pickles(account):
    endpoint = account.deploy(account.packed_container(SUM))

    def npy(array: Any) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, array)
        return buffer.getvalue()

    npy_type = {"ContentType": "application/x-npy"}
    response = invoke(account, endpoint, npy(np.ones((2, 3))), **npy_type)
    assert json.load(response["Body"]) == [3, 3]
    with pytest.raises(ClientError, match=r"\(500\) from model"):
        invoke(account, endpoint, npy(np.array([[{"a": "pickle"}]])), **npy_type)
    account.delete_endpoint(endpoint)


@pytest.mark.observes("serve-npy-labels")
def test_default_output_fn_writes_labels_of_text_as_npy(account):
    endpoint = account.deploy(account.packed_container(LABELS))
    response = invoke(account, endpoint, "[[1], [2]]", Accept="application/x-npy")
    array = np.load(io.BytesIO(response["Body"].read()), allow_pickle=True)
    assert (array.dtype, array.tolist()) == (object, ["cat", "dog"])
    account.delete_endpoint(endpoint)


@pytest.mark.observes("serve-transform-fn")
def test_transform_fn_replaces_the_other_functions(account):
    endpoint = account.deploy(account.packed_container(TRANSFORM))
    response = invoke(account, endpoint, "body", ContentType="text/csv", Accept="text/x")
    assert response["Body"].read() == b"model body text/csv text/x"
    account.delete_endpoint(endpoint)


@pytest.mark.slow
@pytest.mark.observes("serve-requirements")
def test_container_can_import_an_installed_package_from_its_requirements(account):
    files = {"code/serve.py": TQDM, "code/requirements.txt": "# progress bar\ntqdm\n"}
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    endpoint = account.deploy(account.packed_container("") | {"ModelDataUrl": uri})
    response = invoke(account, endpoint, "[[1]]", ContentType="application/json")
    assert json.load(response["Body"]) == "tqdm"
    account.delete_endpoint(endpoint)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (TQDM, "No module named 'tqdm'"),
        ("", "Please provide a model_fn implementation."),
        (
            TRANSFORM + "\ndef predict_fn(data, model): ...\n",
            "Cannot use transform_fn implementation with",
        ),
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
def test_program_that_cannot_start_fails_the_ping_with_a_reason(account, script, reason):
    failure = account.failure_of(account.packed_container(script))
    assert failure.startswith("The primary container for production variant AllTraffic did not")
    assert reason in failure


@pytest.mark.slow
@pytest.mark.observes("serve-program-unset")
def test_container_without_a_program_fails_the_ping_with_an_empty_module_name(account):
    container = account.packed_container("")
    container["Environment"].pop("SAGEMAKER_PROGRAM")
    assert "Empty module name" in account.failure_of(container)


@pytest.mark.slow
def test_container_with_a_missing_code_folder_fails_with_its_path(account):
    container = account.packed_container("")
    container["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] = "/opt/ml/model/elsewhere"
    assert "/model/elsewhere" in account.failure_of(container)


@pytest.mark.slow
@pytest.mark.observes("serve-program-slash")
def test_program_name_with_a_slash_cannot_be_imported(account):
    files = {"code/package/__init__.py": "", "code/package/serve.py": TRANSFORM}
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    container = account.packed_container("") | {"ModelDataUrl": uri}
    container["Environment"]["SAGEMAKER_PROGRAM"] = "package/serve.py"
    assert "No module named 'package/serve'" in account.failure_of(container)
    container["Environment"]["SAGEMAKER_PROGRAM"] = "package.serve"
    account.delete_endpoint(account.deploy(container))


@pytest.mark.slow
@pytest.mark.observes("serve-requirements", "not-requirements-fetched")
def test_container_with_unmet_requirements_does_not_start(account):
    files = {"code/serve.py": SUM, "code/requirements.txt": "no-such-distribution==1.0\n"}
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    container = account.packed_container("") | {"ModelDataUrl": uri}
    assert "did not pass the ping health check" in account.failure_of(container)

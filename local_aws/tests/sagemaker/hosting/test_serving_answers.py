"""Routes, defaults and quirks of the scikit-learn container, asked on its own port."""

import io
import json
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account
from local_aws.tests.sagemaker.hosting.containers import Answer, RunningContainer, containers_of

JSON, CSV = "application/json", "text/csv"
PAGE = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"
    "<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable "
    "to complete your request. Either the server is overloaded or there is an error in the "
    "application.</p>\n"
)
# Answers the type of the array it was given, or what the path of a route asks for.
PROGRAM = """
import json

from sagemaker_containers.beta.framework import worker


def model_fn(model_dir):
    return None


def predict_fn(array, model):
    return str(array.dtype)


def output_fn(prediction, accept):
    if accept == "text/bare":
        return prediction
    if accept == "text/response":
        return worker.Response("no such thing", status=400, mimetype="text/plain")
    return prediction, "text/plain"


def execution_parameters_fn():
    return worker.Response(json.dumps({"MaxPayloadInMB": 5}))
"""


@pytest.fixture(scope="module")
def program(account) -> RunningContainer:
    """Deploy the program; give its container."""
    (container,) = containers_of(account.deploy(account.packed_container(PROGRAM)))
    return container


@pytest.fixture(scope="module")
def iris(iris_endpoint) -> RunningContainer:
    """Give the container of the stranger's program, which relies on every default."""
    (container,) = containers_of(iris_endpoint)
    return container


def invoke(container: RunningContainer, body: str | bytes, kind: str, accept: str = "") -> Answer:
    accepts = {"accept": accept} if accept else {}
    return container.ask("POST", "/invocations", body, content_type=kind, **accepts)


@pytest.mark.observes("serve-ping")
def test_ping_of_a_loaded_container_is_200(program):
    assert program.ask("GET", "/ping").status == 200


@pytest.mark.observes("serve-invocations")
def test_invocations_take_post_only(program):
    assert invoke(program, "[[1]]", JSON).status == 200
    assert {program.ask(method, "/invocations").status for method in ("GET", "PUT")} == {405}


@pytest.mark.observes("serve-other-routes")
@pytest.mark.parametrize("path", ["/", "/invocations/more", "/models"])
def test_another_path_is_404(program, path):
    assert program.ask("GET", path).status == 404


@pytest.mark.observes("serve-execution-parameters")
def test_execution_parameters_are_what_the_program_says(program):
    answer = program.ask("GET", "/execution-parameters")
    assert (answer.status, json.loads(answer.body)) == (200, {"MaxPayloadInMB": 5})


@pytest.mark.observes("serve-execution-parameters-absent")
def test_execution_parameters_of_a_program_without_them_are_404(iris):
    assert iris.ask("GET", "/execution-parameters").status == 404


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.observes("serve-default-input")
@pytest.mark.parametrize(
    ("kind", "body", "dtype"),
    [
        (JSON, "[[1, 2]]", b"float32"),
        (CSV, "1,2\n3,4", b"float32"),
        ("application/x-npy", npy(np.ones((1, 2), dtype="int16")), b"int16"),
    ],
)
def test_default_input_fn_reads_json_and_csv_as_float32_and_npy_as_it_is(
    program, kind, body, dtype
):
    assert invoke(program, body, kind).body == dtype


@pytest.mark.observes("serve-bare-text")
def test_bare_text_leaves_as_html(program):
    answer = invoke(program, "[[1]]", JSON, "text/bare")
    assert answer == Answer(200, "text/html; charset=utf-8", b"float32")


@pytest.mark.observes("serve-worker-response")
def test_response_of_status_400_is_a_400_with_its_message(program):
    answer = invoke(program, "[[1]]", JSON, "text/response")
    assert answer == Answer(400, "text/plain; charset=utf-8", b"no such thing")


TWO_ROWS = "5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3"
ROW = "[[5.1, 3.5, 1.4, 0.2]]"


@pytest.mark.observes("serve-default-predict", "serve-default-output")
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (CSV, "text/csv; charset=utf-8"),
        ("application/x-npy", "application/x-npy"),
    ],
)
def test_default_functions_predict_and_answer_as_accept_says(iris, accept, kind):
    answer = invoke(iris, TWO_ROWS, CSV, accept)
    read = {
        JSON: json.loads,
        CSV: lambda body: [float(line) for line in body.splitlines()],
        "application/x-npy": lambda body: np.load(io.BytesIO(body)).tolist(),
    }
    assert (answer.status, answer.content_type) == (200, kind)
    assert read[kind.partition(";")[0]](answer.body) == [0.0, 2.0]


@pytest.mark.observes("serve-csv-response")
def test_csv_answer_leaves_with_a_charset(iris):
    assert invoke(iris, TWO_ROWS, CSV, CSV).content_type == "text/csv; charset=utf-8"


@pytest.mark.observes("serve-error-page")
@pytest.mark.parametrize(
    ("body", "kind", "accept"),
    [
        pytest.param(
            TWO_ROWS.splitlines()[0],
            CSV,
            JSON,
            id="one row",
            marks=pytest.mark.observes("serve-one-row"),
        ),
        pytest.param(
            ROW,
            "application/json; charset=utf-8",
            JSON,
            id="a charset",
            marks=pytest.mark.observes("serve-charset"),
        ),
        pytest.param(
            ROW,
            "text/plain",
            JSON,
            id="an unknown type",
            marks=pytest.mark.observes("serve-unknown-type"),
        ),
        pytest.param(
            ROW,
            JSON,
            "text/html",
            id="a bad accept",
            marks=pytest.mark.observes("serve-bad-accept"),
        ),
        pytest.param(
            ROW,
            JSON,
            "text/csv, application/json",
            id="a list of accepted types",
            marks=pytest.mark.observes("serve-accept-list"),
        ),
        pytest.param(
            "[[1, 2]]",
            JSON,
            JSON,
            id="a wrong width",
            marks=pytest.mark.observes("serve-wrong-width"),
        ),
        pytest.param(
            "[[1, 2",
            JSON,
            JSON,
            id="JSON cut short",
            marks=pytest.mark.observes("serve-bad-json"),
        ),
        pytest.param(
            "{}", JSON, JSON, id="a JSON object", marks=pytest.mark.observes("serve-bad-json")
        ),
        pytest.param(
            "", JSON, JSON, id="an empty body", marks=pytest.mark.observes("serve-empty-body")
        ),
        pytest.param(
            "", CSV, JSON, id="an empty CSV body", marks=pytest.mark.observes("serve-empty-body")
        ),
    ],
)
def test_request_that_the_defaults_cannot_answer_is_the_fixed_page_of_a_500(
    iris, body, kind, accept
):
    answer = invoke(iris, body, kind, accept)
    assert answer == Answer(500, "text/html; charset=utf-8", PAGE.encode())
    assert len(answer.body) == 265


@pytest.mark.observes("serve-error-page")
def test_page_of_a_500_reaches_the_caller_of_the_endpoint_as_it_is(account, iris_endpoint):
    assert original_message(account, iris_endpoint) == PAGE


def original_message(account: Account, endpoint: str) -> str:
    with pytest.raises(ClientError) as caught:
        account.runtime.invoke_endpoint(EndpointName=endpoint, Body="{}", ContentType=JSON)
    return str(caught.value.response["OriginalMessage"])

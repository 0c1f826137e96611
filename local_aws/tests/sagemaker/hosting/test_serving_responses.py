"""Routes, defaults, and quirks of the scikit-learn container, tested on its own port."""

import io
import json
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account
from local_aws.tests.sagemaker.hosting.containers import Reply, RunningContainer, containers_of

JSON, CSV = "application/json", "text/csv"
PAGE = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"
    "<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable "
    "to complete your request. Either the server is overloaded or there is an error in the "
    "application.</p>\n"
)
# Returns the type of its array; some values of Accept choose the form of the response.
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
    """Deploy the program; return its container."""
    (container,) = containers_of(account.deploy(account.packed_container(PROGRAM)))
    return container


@pytest.fixture(scope="module")
def iris(iris_endpoint) -> RunningContainer:
    """Return the container of the iris program, which uses all default functions."""
    (container,) = containers_of(iris_endpoint)
    return container


def invoke(
    container: RunningContainer, body: str | bytes, content_type: str, accept: str = ""
) -> Reply:
    headers = {"accept": accept} if accept else {}
    return container.request("POST", "/invocations", body, content_type=content_type, **headers)


@pytest.mark.observes("serve-ping")
def test_ping_of_a_loaded_container_gets_200(program):
    assert program.request("GET", "/ping").status == 200


@pytest.mark.observes("serve-invocations")
def test_invocations_accept_only_post(program):
    assert invoke(program, "[[1]]", JSON).status == 200
    assert {program.request(method, "/invocations").status for method in ("GET", "PUT")} == {405}


@pytest.mark.observes("serve-other-routes")
@pytest.mark.parametrize("path", ["/", "/invocations/more", "/models"])
def test_other_path_gets_404(program, path):
    assert program.request("GET", path).status == 404


@pytest.mark.observes("serve-execution-parameters")
def test_execution_parameters_come_from_the_program(program):
    reply = program.request("GET", "/execution-parameters")
    assert (reply.status, json.loads(reply.body)) == (200, {"MaxPayloadInMB": 5})


@pytest.mark.observes("serve-execution-parameters-absent")
def test_execution_parameters_of_a_program_without_them_get_404(iris):
    assert iris.request("GET", "/execution-parameters").status == 404


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.observes("serve-default-input")
@pytest.mark.parametrize(
    ("content_type", "body", "dtype"),
    [
        (JSON, "[[1, 2]]", b"float32"),
        (CSV, "1,2\n3,4", b"float32"),
        ("application/x-npy", npy(np.ones((1, 2), dtype="int16")), b"int16"),
    ],
)
def test_default_input_fn_reads_json_and_csv_as_float32_and_keeps_the_type_of_npy(
    program, content_type, body, dtype
):
    assert invoke(program, body, content_type).body == dtype


@pytest.mark.observes("serve-bare-text")
def test_bare_text_gets_an_html_content_type(program):
    reply = invoke(program, "[[1]]", JSON, "text/bare")
    assert reply == Reply(200, "text/html; charset=utf-8", b"float32")


@pytest.mark.observes("serve-worker-response")
def test_response_with_status_400_keeps_its_status_and_message(program):
    reply = invoke(program, "[[1]]", JSON, "text/response")
    assert reply == Reply(400, "text/plain; charset=utf-8", b"no such thing")


TWO_ROWS = "5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3"
ROW = "[[5.1, 3.5, 1.4, 0.2]]"


@pytest.mark.observes("serve-default-predict", "serve-default-output", "serve-csv-response")
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (CSV, "text/csv; charset=utf-8"),
        ("application/x-npy", "application/x-npy"),
    ],
)
def test_default_functions_predict_and_respond_in_the_accepted_type(iris, accept, content_type):
    reply = invoke(iris, TWO_ROWS, CSV, accept)
    parsers = {
        JSON: json.loads,
        CSV: lambda body: [float(line) for line in body.splitlines()],
        "application/x-npy": lambda body: np.load(io.BytesIO(body)).tolist(),
    }
    assert (reply.status, reply.content_type) == (200, content_type)
    assert parsers[content_type.partition(";")[0]](reply.body) == [0.0, 2.0]


@pytest.mark.observes("serve-error-page")
@pytest.mark.parametrize(
    ("body", "content_type", "accept"),
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
            "[[1, 2", JSON, JSON, id="truncated JSON", marks=pytest.mark.observes("serve-bad-json")
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
def test_request_that_the_default_functions_cannot_handle_gets_the_500_page(
    iris, body, content_type, accept
):
    reply = invoke(iris, body, content_type, accept)
    assert reply == Reply(500, "text/html; charset=utf-8", PAGE.encode())
    assert len(reply.body) == 265


@pytest.mark.observes("serve-error-page")
def test_500_page_reaches_the_client_of_the_endpoint_unchanged(account, iris_endpoint):
    assert original_message(account, iris_endpoint) == PAGE


def original_message(account: Account, endpoint: str) -> str:
    with pytest.raises(ClientError) as caught:
        account.runtime.invoke_endpoint(EndpointName=endpoint, Body="{}", ContentType=JSON)
    return str(caught.value.response["OriginalMessage"])

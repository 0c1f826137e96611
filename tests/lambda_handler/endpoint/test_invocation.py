"""The function in front of an endpoint answers like the one with the model in it."""

import base64
import json
import socket

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from lambda_handler.endpoint.invocation import LIMITS, MAX_BYTES, EndpointHandler
from lambda_handler.events import MAX_RESPONSE_BYTES
from lambda_handler.model import load_model
from tests.lambda_handler import s3_server
from tests.lambda_handler.calling import CONTEXT, answer, http_event, refusal
from tests.lambda_handler.endpoint.serving import FixedClient, ModelClient, handler_of
from tests.lambda_handler.test_log_lines import EMF, EVENTS, SECRET
from tests.lambda_handler.test_openapi import DOCUMENT, schema_of

JSON, PLAIN = {"content-type": "application/json"}, {"content-type": "text/plain"}
HEALTH = http_event(method="GET", path="/health")


@pytest.fixture
def client(model_file):
    return ModelClient(load_model(model_file.content))


@pytest.mark.parametrize(
    "event",
    [
        http_event(body='{"text": "a raven"}', headers=JSON),
        http_event("1", body='["a raven", "ice \\u00e9 \\ud83d\\ude00"]', headers=JSON),
        http_event(body='\ufeffa raven\nof "two" lines', headers=PLAIN),
        {"instances": ["a raven", "ice"]},
        {"text": "\ufeffPK\u0003\u0004 is a text here"},
        {"instances": ["a raven", "ice"], "explain": 2},
        http_event(body='{"text": "a raven of ice", "explain": 1}', headers=JSON),
        http_event(body='{"text": "a raven of ice", "explain": 0}', headers=JSON),
        {"instances": ["a"] * 11, "explain": 1},
        {"text": "a " * 10_000, "explain": 1},
        http_event(body='{"instances": ["a"], "top": 3}', headers=JSON),
        http_event(body='{"text": "a", "text": "b"}', headers=JSON),
        http_event(body="\u200b", headers=PLAIN),
        http_event(body=json.dumps(["a"] * 101), headers=JSON),
        http_event(body="a" * 4_000_001, headers=PLAIN),
        http_event(body=base64.b64encode(b"\x1f\x8bx").decode(), isBase64Encoded=True),
        http_event(body="%", isBase64Encoded=True),
        http_event(headers={"content-type": "text/csv"}),
        http_event(headers=JSON | {"content-encoding": "br"}),
        http_event(method="GET", path="/openapi.json"),
        http_event(method="DELETE"),
        http_event(path="/nothing"),
        {"text": 5},
    ],
)
def test_response_equals_that_of_the_function_with_the_model(handler, client, event):
    assert handler_of(client)(event, CONTEXT) == handler(event, CONTEXT)


def test_refused_request_is_not_sent_to_the_endpoint(client):
    assert refusal(handler_of(client), http_event(body="{}"))[0] == 400
    assert client.requests == []


def test_texts_reach_the_endpoint_as_json_that_is_not_longer_than_the_clients(client):
    text = "\U0001f600" * 20
    event = http_event(body=json.dumps([text], ensure_ascii=False), headers=JSON)
    assert answer(handler_of(client), event)[0] == 200
    (request,) = client.requests
    assert request["EndpointName"] == "tiny-pipeline"
    assert request["ContentType"] == request["Accept"] == "application/json"
    assert request["Body"] == f'{{"instances":["{text}"]}}'.encode()


def test_plain_text_that_is_too_large_as_json_returns_413(client):
    body = "a" + "\n" * (MAX_BYTES // 2)
    status, code, message = refusal(handler_of(client), http_event(body=body, headers=PLAIN))
    assert (status, code) == (413, "PayloadTooLarge")
    assert f"SageMaker accepts at most {MAX_BYTES:,}" in message


@pytest.mark.slow
def test_response_beyond_the_limit_of_lambda_returns_413_instead_of_a_fault():
    names = [f"label {number}" for number in range(10_000)]
    prediction = {"label": names[0], "probability": 0.5, "probabilities": dict.fromkeys(names, 0.5)}
    content = json.dumps({"predictions": [prediction] * 40}).encode()
    event = http_event(body=json.dumps(["a"] * 40), headers=JSON)
    status, code, message = refusal(handler_of(FixedClient(content)), event)
    assert (status, code) == (413, "PayloadTooLarge")
    assert f"expected at most {MAX_RESPONSE_BYTES:,}. Send fewer texts." in message


def test_health_has_the_labels_of_the_endpoint_and_the_release(handler, client):
    status, content = answer(handler_of(client), HEALTH)
    assert status == 200
    schema_of("/health", "get", 200).validate(content)
    expected = answer(handler, HEALTH)[1]["model"] | {"sha256": "0" * 64}
    assert content == {"status": "ok", "model": expected}


def test_warm_up_invokes_the_endpoint_once(client):
    handler_of(client)({"warmup": True}, CONTEXT)
    assert len(client.requests) == 1


def failure(code: str, status: int = 400, **fields: object) -> ClientError:
    """Return an error of InvokeEndpoint, whose message quotes a text."""
    error = {"Code": code, "Message": f"{fields.pop('message', '')} {SECRET}"}
    metadata = {"HTTPStatusCode": status}
    return ClientError({"Error": error, "ResponseMetadata": metadata, **fields}, "InvokeEndpoint")


def of_container(status: int, code: str = "", message: str = "") -> ClientError:
    """Return the error for a response of a container."""
    body = json.dumps({"error": {"code": code, "message": message}}) if code else SECRET
    return failure("ModelError", 424, OriginalStatusCode=status, OriginalMessage=body)


ERRORS = {
    "missing": (failure("ValidationError", message="not found"), 503, "ModelUnavailable"),
    "no permission": (failure("AccessDeniedException"), 503, "ModelUnavailable"),
    "unavailable": (failure("ServiceUnavailable", 503), 503, "ModelUnavailable"),
    "starting": (failure("ModelNotReadyException", 429), 503, "ModelUnavailable"),
    "throttled": (failure("ThrottlingException"), 429, "TooManyRequests"),
    "not reachable": (EndpointConnectionError(endpoint_url="x"), 503, "ModelUnavailable"),
    "too slow": (ReadTimeoutError(endpoint_url="x"), 504, "EndpointTimeout"),
    "slow container": (of_container(0), 504, "EndpointTimeout"),
    "overloaded": (of_container(503), 503, "ModelUnavailable"),
    "throttling container": (of_container(429), 429, "TooManyRequests"),
    "bad item": (of_container(400, "InvalidInput", "item 3 is"), 400, "InvalidInput"),
    "large features": (of_container(413, "PayloadTooLarge", "of"), 413, "PayloadTooLarge"),
    "bad type": (of_container(415, "UnsupportedMediaType", "a"), 415, "UnsupportedMediaType"),
    "no reason": (of_container(404), 400, "InvalidInput"),
    "fault": (of_container(500, "InternalError", SECRET), 500, "InternalError"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error_of_the_endpoint_has_its_documented_status_and_quotes_no_text(name, capsys):
    error, status, code = ERRORS[name]
    actual, content = answer(handler_of(FixedClient(error)), http_event())
    assert (actual, content["error"]["code"]) == (status, code)
    schema_of("/predict", "post", status).validate(content)
    line = json.loads(capsys.readouterr().out)
    EMF.validate(line)
    assert (line["status"], line["code"], line["recipe"]) == (status, code, "spooky-ngrams")
    own = status in (429, 500, 503, 504)
    assert ("tiny-pipeline" in line.get("reason", "")) is own
    assert SECRET not in json.dumps([content, line])


def test_message_of_a_container_is_passed_on():
    error = of_container(400, "InvalidInput", "item 3 is an empty text")
    message = refusal(handler_of(FixedClient(error)), http_event())[2]
    assert message == "item 3 is an empty text"


def test_missing_endpoint_and_missing_permission_are_named():
    for name, reason in (
        ("missing", "does not exist, or is not in service yet"),
        ("no permission", "role does not allow sagemaker:InvokeEndpoint"),
    ):
        message = refusal(handler_of(FixedClient(ERRORS[name][0])), http_event())[2]
        assert message.startswith("the endpoint tiny-pipeline is not available: ")
        assert reason in message


@pytest.mark.parametrize(
    ("name", "seconds"), [("throttled", "1"), ("missing", "1"), ("fault", None)]
)
def test_error_that_may_pass_says_when_to_retry(name, seconds):
    response = handler_of(FixedClient(ERRORS[name][0]))(http_event(), CONTEXT)
    assert response["headers"].get("retry-after") == seconds


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"predictions": [[0.5, 0.5]]}', b'{"predictions": []}']
)
def test_response_without_predictions_is_a_fault_that_names_the_endpoint(body):
    status, code, message = refusal(handler_of(FixedClient(body)), http_event())
    assert (status, code) == (500, "InternalError")
    assert "the endpoint tiny-pipeline did not return a prediction for each text" in message


def test_closed_connection_is_opened_again_once(client, model_file):
    closed = ConnectionClosedError(endpoint_url="x")
    body = client.invoke_endpoint(Body=b'{"instances": ["a"]}')["Body"].read()
    passing = FixedClient(closed, body)
    assert answer(handler_of(passing), http_event(body="a", headers=PLAIN))[0] == 200
    lasting = FixedClient(closed)
    assert refusal(handler_of(lasting), http_event())[1] == "ModelUnavailable"
    assert (passing.calls, lasting.calls) == (2, 2)


def test_log_line_has_the_time_of_the_endpoint(client, capsys):
    handler_of(client)(http_event(body='["a", "b"]', headers=JSON), CONTEXT)
    line = json.loads(capsys.readouterr().out)
    assert line["texts"] == 2
    assert 0 < line["endpoint_ms"] < line["duration_ms"]
    assert {"Name": "endpoint_ms", "Unit": "Milliseconds"} in line["_aws"]["CloudWatchMetrics"][0][
        "Metrics"
    ]


@pytest.mark.parametrize("event", EVENTS)
def test_call_logs_one_line_without_the_text(client, capsys, event):
    handler_of(client)(EVENTS[event], CONTEXT)
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    assert SECRET not in written.lower()


def test_function_without_the_name_of_an_endpoint_returns_503_with_the_reason():
    status, code, message = refusal(EndpointHandler(None, {}), http_event())
    assert (status, code) == (503, "ModelUnavailable")
    assert message == "ENDPOINT_NAME is not set; expected the name of an endpoint"


def runtime_client(url: str, config: Config):
    """Return a real client of a server."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("sagemaker-runtime", "us-east-1", endpoint_url=url, config=config, **keys)


def test_silent_endpoint_ends_in_504_after_one_request():
    with s3_server.s3_server() as server:
        server.reply = s3_server.silent(server)
        client = runtime_client(server.url, LIMITS.merge(Config(read_timeout=0.2)))
        assert refusal(handler_of(client), http_event())[:2] == (504, "EndpointTimeout")
        assert len(server.requests) == 1


def test_refused_connection_ends_in_503():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = runtime_client(url, LIMITS)
    assert refusal(handler_of(client), http_event())[:2] == (503, "ModelUnavailable")


def test_document_describes_the_routes_of_both_functions(client):
    assert set(handler_of(client).routes) == set(DOCUMENT["paths"])

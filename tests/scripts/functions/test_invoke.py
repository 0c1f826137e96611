"""The URL of an HTTP API, and calls that fail with a reason."""

import io

import pytest
from botocore.response import StreamingBody

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.functions.invoke import api_url, invoke_api, invoke_function
from tests.lambda_handler import s3_server
from tests.scripts.stubbed import stub

ADDRESS = "https://abc123def4.execute-api.us-east-1.amazonaws.com"


def test_api_url_on_aws_is_the_address(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert api_url(Aws("us-east-1"), ADDRESS) == ADDRESS


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://127.0.0.1:4566/"])
@pytest.mark.parametrize("rest", ["", "/prod", "/prod/predict?x=1"])
def test_api_url_on_a_local_aws_is_a_path(monkeypatch, endpoint, rest):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    expected = f"http://127.0.0.1:4566/_local_aws/apis/abc123def4{rest}"
    assert api_url(Aws("us-east-1"), ADDRESS + rest) == expected


def reason_of(reply: s3_server.Reply, monkeypatch) -> str:
    """Return the message for a reply of the server."""
    with s3_server.s3_server() as server:
        server.reply = reply
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        parameters = {"Url": f"{server.url}/predict", "ContentType": "application/json"}
        with pytest.raises(DeploymentError) as raised:
            invoke_api(Aws("us-east-1"), Call("execute-api", "post", parameters), ["a text"])
    return str(raised.value)


@pytest.mark.parametrize(
    "reply",
    [
        lambda connection: None,
        lambda connection: connection.sendall(b"not HTTP\r\n\r\n"),
        s3_server.cut_off(b"{}" * 100),
    ],
)
def test_invoke_api_with_an_incomplete_response_fails(reply, monkeypatch):
    assert "/predict did not return a complete response: " in reason_of(reply, monkeypatch)


def test_invoke_api_with_a_response_that_is_not_json_shows_it(monkeypatch):
    reason = reason_of(s3_server.complete(b"<html>"), monkeypatch)
    assert reason == "the response is not a JSON object: b'<html>'"


def test_invoke_api_with_another_object_shows_its_message(monkeypatch):
    reason = reason_of(s3_server.complete(b'{"message": "Not Found"}'), monkeypatch)
    assert reason == "the API returned 200: Not Found"


def test_invoke_function_that_fails_shows_the_error(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    aws = Aws("us-east-1")
    payload = StreamingBody(io.BytesIO(b'{"errorMessage": "no memory"}'), 29)
    stub(aws, "lambda").add_response("invoke", {"FunctionError": "Unhandled", "Payload": payload})
    with pytest.raises(DeploymentError, match=r"^the function failed \(Unhandled\): no memory$"):
        invoke_function(aws, Call("lambda", "invoke", {"FunctionName": "f"}), ["a text"])

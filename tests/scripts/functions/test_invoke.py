"""The URL of an HTTP API, and calls that fail with a reason."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.functions.invoke import api_url, invoke_api
from tests.lambda_handler import s3_server

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


def test_api_url_of_another_address_is_refused(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    with pytest.raises(DeploymentError, match="is not the address of an HTTP API"):
        api_url(Aws("us-east-1"), "https://example.com")


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

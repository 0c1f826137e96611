"""Calls of a function's HTTP API that bring no answer of ours end with one plain reason."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.functions.invoke import invoke_api
from tests.lambda_handler import s3_server


def reason_of(reply: s3_server.Reply, monkeypatch) -> str:
    """Return what is said when a server replies so."""
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
        lambda connection: connection.sendall(b"no HTTP\r\n\r\n"),
        s3_server.cut_off(b"{}" * 100),
    ],
)
def test_answer_that_is_not_whole_is_said_so(reply, monkeypatch):
    assert "/predict gave no whole answer: " in reason_of(reply, monkeypatch)


def test_answer_that_is_no_json_is_shown(monkeypatch):
    reason = reason_of(s3_server.complete(b"<html>"), monkeypatch)
    assert reason == "the answer is no JSON object: b'<html>'"

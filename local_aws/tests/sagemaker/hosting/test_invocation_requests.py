"""Invocations that no container is given: sizes without a length, odd names, other methods."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from local_aws.tests.account import Account
from local_aws.tests.stages import ECHO

MEGABYTE = 1024 * 1024


def chunks(count: int, size: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * size


def send(account: Account, path: str, body: Any, method: str = "POST") -> tuple[int, str, str]:
    """Send a request; return status, type of error and body."""
    connection = http.client.HTTPConnection(urlsplit(account.aws.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "text/plain"})
        answer = connection.getresponse()
        kind = answer.headers.get("x-amzn-ErrorType", "")
        return answer.status, kind, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    container = account.packed_container(ECHO)
    container["Environment"]["STAGE"] = "only"
    return str(account.deploy(container))


def test_body_in_chunks_is_handed_on(account, endpoint):
    status, _, body = send(account, f"/endpoints/{endpoint}/invocations", chunks(3, MEGABYTE))
    assert (status, body) == (200, str(3 * MEGABYTE))


@pytest.mark.observes("payload")
def test_body_in_chunks_of_more_than_six_megabytes_is_refused(account, endpoint):
    status, kind, body = send(account, f"/endpoints/{endpoint}/invocations", chunks(7, MEGABYTE))
    assert (status, kind) == (400, "ValidationError")
    assert "6291456" in json.loads(body)["Message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_invocation_by_another_method_is_no_operation(account, endpoint, method):
    body = None if method == "GET" else b"x"
    status, kind, _ = send(account, f"/endpoints/{endpoint}/invocations", body, method)
    assert (status, kind) == (404, "UnknownOperationException")


@pytest.mark.parametrize("name", ["a%2Fb", "", "%20", "a%0Ab", "x" * 64, "%C3%A4", "..%2F..", "-a"])
def test_invocation_of_a_name_that_can_be_none_is_refused(account, name):
    status, kind, body = send(account, f"/endpoints/{name}/invocations", b"x")
    assert (status, kind) == (400, "ValidationError")
    assert "endpointName" in body


@pytest.mark.parametrize("action", ["async-invocations", "invocations-response-stream"])
@pytest.mark.observes("not-async", "not-streaming")
def test_invocation_of_a_kind_that_is_not_reproduced_is_refused_by_name(account, endpoint, action):
    status, kind, body = send(account, f"/endpoints/{endpoint}/{action}", b"x")
    assert (status, kind) == (400, "ValidationError")
    assert f"does not reproduce {action}" in body


def test_bucket_named_endpoints_keeps_its_objects(account):
    account.s3.create_bucket(Bucket="endpoints")
    account.s3.put_object(Bucket="endpoints", Key="a/invocations", Body=b"content")
    found = account.s3.get_object(Bucket="endpoints", Key="a/invocations")
    assert found["Body"].read() == b"content"

"""Limits and refusals of invocations: bodies, attributes, names, parameters, and methods."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account
from local_aws.tests.stages import invoke, stage

MEGABYTE = 1024 * 1024


def chunks(count: int, size: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * size


def send(account: Account, path: str, body: Any, method: str = "POST") -> tuple[int, str, str]:
    """Send a request; return the status, the error type, and the body."""
    connection = http.client.HTTPConnection(urlsplit(account.aws.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "text/plain"})
        response = connection.getresponse()
        error_type = response.headers.get("x-amzn-ErrorType", "")
        return response.status, error_type, response.read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def endpoint(account) -> str:
    """Deploy a container that returns its request."""
    return str(account.deploy(stage(account)))


def test_invocation_of_a_missing_endpoint_is_rejected_with_its_name(account):
    with pytest.raises(ClientError, match=r"ValidationError.*Endpoint does-not-exist of account"):
        invoke(account, "does-not-exist")


def test_endpoint_rejects_an_empty_body(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*empty"):
        invoke(account, endpoint, "")


@pytest.mark.observes("payload")
def test_endpoint_rejects_more_than_six_megabytes(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*6291456"):
        invoke(account, endpoint, "x" * 6_291_457)


@pytest.mark.observes("cap-custom-attributes")
def test_endpoint_accepts_1024_characters_of_attributes_and_rejects_more(account, endpoint):
    assert invoke(account, endpoint, CustomAttributes="x" * 1024)["attributes"] == "x" * 1024
    for attributes in ("x" * 1025, "\xe9"):
        with pytest.raises(ClientError, match=r"ValidationError.*customAttributes"):
            invoke(account, endpoint, CustomAttributes=attributes)


@pytest.mark.observes("response-attributes")
def test_response_has_the_attributes_that_the_container_sets(account, endpoint):
    call = {"EndpointName": endpoint, "ContentType": "text/plain"}
    response = account.runtime.invoke_endpoint(**call, Body=b"trace 7")
    assert (response["CustomAttributes"], response["Body"].read()) == ("trace 7", b"traced")
    assert "CustomAttributes" not in account.runtime.invoke_endpoint(**call, Body=b"x")


def test_endpoint_rejects_a_missing_variant(account, endpoint):
    with pytest.raises(ClientError, match=r"ValidationError.*Variant missing"):
        invoke(account, endpoint, TargetVariant="missing")


@pytest.mark.parametrize(
    "parameter", ["TargetModel", "TargetContainerHostname", "InferenceComponentName"]
)
def test_endpoint_rejects_a_parameter_that_is_not_reproduced(account, endpoint, parameter):
    with pytest.raises(ClientError, match=rf"ValidationError.*does not reproduce {parameter}"):
        invoke(account, endpoint, **{parameter: "some-name"})


def test_chunked_body_reaches_the_container(account, endpoint):
    status, _, body = send(account, f"/endpoints/{endpoint}/invocations", chunks(3, MEGABYTE))
    assert (status, body) == (200, str(3 * MEGABYTE))


@pytest.mark.observes("payload")
def test_chunked_body_of_more_than_six_megabytes_is_rejected(account, endpoint):
    path = f"/endpoints/{endpoint}/invocations"
    status, error_type, body = send(account, path, chunks(7, MEGABYTE))
    assert (status, error_type) == (400, "ValidationError")
    assert "6291456" in json.loads(body)["Message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_invocation_with_another_method_is_an_unknown_operation(account, endpoint, method):
    body = None if method == "GET" else b"x"
    status, error_type, _ = send(account, f"/endpoints/{endpoint}/invocations", body, method)
    assert (status, error_type) == (404, "UnknownOperationException")


@pytest.mark.parametrize("name", ["a%2Fb", "", "%20", "a%0Ab", "x" * 64, "%C3%A4", "..%2F..", "-a"])
def test_invocation_of_an_invalid_name_is_rejected(account, name):
    status, error_type, body = send(account, f"/endpoints/{name}/invocations", b"x")
    assert (status, error_type) == (400, "ValidationError")
    assert "endpointName" in body


@pytest.mark.parametrize("action", ["async-invocations", "invocations-response-stream"])
@pytest.mark.observes("not-async", "not-streaming")
def test_action_that_is_not_reproduced_is_rejected_by_name(account, endpoint, action):
    status, error_type, body = send(account, f"/endpoints/{endpoint}/{action}", b"x")
    assert (status, error_type) == (400, "ValidationError")
    assert f"does not reproduce {action}" in body


def test_requests_for_a_bucket_named_endpoints_are_not_invocations(account):
    account.s3.create_bucket(Bucket="endpoints")
    account.s3.put_object(Bucket="endpoints", Key="a/invocations", Body=b"content")
    response = account.s3.get_object(Bucket="endpoints", Key="a/invocations")
    assert response["Body"].read() == b"content"

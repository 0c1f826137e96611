"""Requests whose body does not match their headers, sent over a socket."""

import pytest

from local_aws.tests.raw_http import send_raw

HEAD = b"POST /endpoints/none/invocations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


@pytest.mark.parametrize("size", [b"7fffffff", b"f" * 16, b"f" * 5000])
def test_body_that_ends_inside_a_chunk_is_refused_and_the_next_request_is_answered(local_aws, size):
    broken = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nhello"
    response = send_raw(local_aws.url, broken)
    assert response.status == 400
    assert b"cannot be read to its end" in response.body
    control = broken.replace(b"Host", b"X-Amz-Target: SageMaker.ListModels\r\nHost")
    response = send_raw(local_aws.url, control)
    assert response.status == 400
    assert b"ValidationException" in response.body
    health = b"GET /_local_aws/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert send_raw(local_aws.url, health).status == 200


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1.5", b"9" * 30, b"9" * 5000, b"\xb2"])
def test_length_that_is_not_a_number_is_refused(local_aws, length):
    response = send_raw(local_aws.url, HEAD + b"Content-Length: " + length + b"\r\n\r\nhello")
    assert response.status == 400
    assert b"Endpoint none" not in response.body  # it did not reach an endpoint


def test_body_shorter_than_its_length_is_refused(local_aws):
    response = send_raw(local_aws.url, HEAD + b"Content-Length: 100\r\n\r\nhello")
    assert response.status == 400

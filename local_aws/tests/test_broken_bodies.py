"""Bodies in chunked transfer coding, and bodies that do not match their headers."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.serving import DechunkedInput

from local_aws.parsing import WholeReads
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


def read(stream: io.BytesIO) -> bytes:
    return io.BufferedReader(DechunkedInput(WholeReads(stream))).read()


@settings(max_examples=200, derandomize=True, database=None)
@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=8))
def test_chunks_are_read_as_they_were_written(parts):
    raw = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    stream = io.BytesIO(raw + b"0\r\n\r\nnext request")
    assert read(stream) == b"".join(parts)
    assert stream.read() == b"next request"


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"5\r\nhel", b"5\r\nhello\r\n", b"5\r\nhelloworld\r\n0\r\n\r\n", b"-5\r\nhello"),
        *(b"f" * 5000 + b"\r\nhello", b"f" * 16 + b"\r\nhello", b"0\r\n" + b"a: b\r\n" * 200),
    ],
)
def test_broken_chunks_are_refused(raw):
    with pytest.raises(OSError, match="chunk"):
        read(io.BytesIO(raw))


@settings(max_examples=300, derandomize=True, database=None)
@given(st.binary(max_size=60) | st.text("0123456789abcdef\r\n;", max_size=60).map(str.encode))
def test_arbitrary_bytes_are_read_as_chunks_or_refused(raw):
    try:
        body = read(io.BytesIO(raw))
    except OSError:
        return
    assert len(body) < len(raw)

"""Clients that stop in the middle of a request lose their connection; slow ones do not."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from local_aws.lifetime.emptying import REQUEST
from local_aws.settings import Settings
from local_aws.tests.account import eventually
from local_aws.tests.process.in_process import serving

_SECONDS = 1.0  # that this server waits
_SIGNED = (
    b"Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/%s/aws4_request, x=y\r\n"
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve an impatient local AWS from this process; return its port."""
    folder = tmp_path_factory.mktemp("state")
    with serving(Settings(folder, port=0, read_seconds=_SECONDS)) as port:
        yield port


def connect(port: int, *parts: bytes, pause: float = 0.0) -> tuple[bytes, float]:
    """Send parts of a request; return the response and the seconds after the last part."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for part in parts:
            time.sleep(pause)
            connection.sendall(part)
        sent = time.monotonic()
        content = b""
        while data := connection.recv(65536):
            content += data
        return content, time.monotonic() - sent


def head(service: bytes, line: bytes = b"POST / HTTP/1.1", length: int = 100) -> bytes:
    signed = _SIGNED % service
    return line + b"\r\nHost: localhost\r\n" + signed + b"Content-Length: %d\r\n\r\n" % length


HALF_SENT = {
    "nothing": b"",
    "a part of the request line": b"GET /_local",
    "a part of the headers": b"GET /_local_aws/health HTTP/1.1\r\nHost: local",
}


@pytest.mark.observes("slow-clients")
@pytest.mark.parametrize("request_", HALF_SENT.values(), ids=HALF_SENT)
def test_connection_with_half_sent_headers_is_closed(port: int, request_: bytes):
    content, _ = connect(port, request_)
    assert content == b""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (head(b"lambda", b"POST /2015-03-31/functions/f/invocations HTTP/1.1"), b"413"),
        (head(b"apigateway", b"POST /v2/apis HTTP/1.1"), b"400"),
        (head(b"cloudformation"), b"400"),
        (head(b"sagemaker", b"POST /endpoints/e/invocations HTTP/1.1"), b"400"),
        (head(b"s3", b"PUT /bucket/key HTTP/1.1"), b"400"),
    ],
    ids=["lambda", "apigateway", "cloudformation", "runtime", "s3"],
)
def test_half_sent_body_is_answered_with_an_error_and_the_connection_is_closed(
    port: int, request_: bytes, answer: bytes
):
    content, _ = connect(port, request_ + b"half")
    assert content.startswith(b"HTTP/1.1 " + answer), content
    assert b"Connection: close" in content
    assert b"<!doctype" not in content
    if b"/s3/" in request_:
        assert b"<Code>RequestTimeout</Code>" in content


def test_headers_that_arrive_byte_by_byte_are_not_read_for_longer_than_one_time_limit(port: int):
    parts = [b"x"] * 30
    started = time.monotonic()
    with pytest.raises(OSError):
        connect(port, b"GET / HTTP/1.1\r\nA: ", *parts, pause=_SECONDS / 4)
        connect(port, b"GET / HTTP/1.1\r\nA: ", *parts, pause=_SECONDS / 4)
    assert time.monotonic() - started < len(parts) * _SECONDS / 4


@pytest.mark.slow
@pytest.mark.observes("slow-clients")
def test_slow_upload_whose_parts_arrive_in_time_is_complete(port: int):
    content, _ = connect(port, head(b"s3", b"PUT /slow-bucket HTTP/1.1", 0))
    assert content.startswith(b"HTTP/1.1 200")
    begin = head(b"s3", b"PUT /slow-bucket/key HTTP/1.1", 6)
    content, _ = connect(port, begin, *[b"x"] * 6, pause=_SECONDS / 4)
    assert content.startswith(b"HTTP/1.1 200"), content


def test_threads_of_half_sent_requests_end(port: int):
    with ExitStack() as stack:
        for _ in range(20):
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
            stack.enter_context(connection).sendall(b"GET / HT")
        assert eventually(lambda: len(connections()) >= 20)
        assert eventually(lambda: connections() == [])


def connections() -> list[str]:
    """Return the names of the threads that serve connections."""
    return [thread.name for thread in threading.enumerate() if thread.name == REQUEST]

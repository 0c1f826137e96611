"""Complete and broken bodies in chunked transfer coding."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.serving import DechunkedInput

from local_aws.parsing import WholeReads


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

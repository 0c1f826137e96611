"""Complete and broken bodies in chunked transfer coding."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.chunked import ChunkedBody


def body_of(raw: bytes) -> bytes:
    return io.BufferedReader(ChunkedBody(io.BytesIO(raw))).read()


@settings(max_examples=200, derandomize=True, database=None)
@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=8), st.booleans())
def test_chunks_are_read_as_they_were_written(parts, with_more):
    extension, trailer = (b";a=b", b"X-Sum: 1\r\n") if with_more else (b"", b"")
    raw = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    stream = io.BytesIO(raw + b"0\r\n" + trailer + b"\r\nnext request")
    assert io.BufferedReader(ChunkedBody(stream)).read() == b"".join(parts)
    assert stream.read() == b"next request"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "begins with b''"),
        (b"5\r\nhel", "ends inside a chunk"),
        (b"5\r\nhello\r\n", "begins with b''"),
        (b"5\r\nhelloworld\r\n0\r\n\r\n", "longer than its header says"),
        (b"-5\r\nhello", "begins with b'-5'"),
        (b"+5\r\nhello", "begins with b'"),
        (b"0x5\r\nhello", "begins with b'0x5'"),
        (b"1_0\r\nhello", "begins with b'1_0'"),
        (b"f" * 5000 + b"\r\nhello", "begins with b'ffff"),
        (b"f" * 16 + b"\r\nhello", "ends inside a chunk"),
        (b"0\r\n" + b"a: b\r\n" * 200, "trailers follow"),
    ],
)
def test_broken_chunks_are_refused_with_the_reason(raw, reason):
    with pytest.raises(OSError, match=reason):
        body_of(raw)


@settings(max_examples=300, derandomize=True, database=None)
@given(st.binary(max_size=60) | st.text("0123456789abcdef\r\n;", max_size=60).map(str.encode))
def test_arbitrary_bytes_are_read_as_chunks_or_refused(raw):
    try:
        body = body_of(raw)
    except OSError:
        return
    assert len(body) < len(raw)

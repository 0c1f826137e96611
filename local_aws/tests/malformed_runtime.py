"""Malformed requests to the runtime, as bytes; each part is valid most of the time."""

from hypothesis import strategies as st

_VALID_TYPES = [b"text/plain", b"application/json", b"text/csv; charset=utf-8"]
_LATIN = st.binary(max_size=30).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))


def mostly(right: bytes, *wrong: bytes | st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return the right bytes two times out of three, and wrong ones otherwise."""
    others = [item if isinstance(item, st.SearchStrategy) else st.just(item) for item in wrong]
    return st.integers(0, 2).flatmap(lambda die: st.one_of(others) if die == 0 else st.just(right))


def _paths(endpoint: str) -> st.SearchStrategy[bytes]:
    right = f"/endpoints/{endpoint}/invocations".encode()
    named = _LATIN.map(lambda name: b"/endpoints/" + name + b"/invocations")
    return mostly(
        right,
        named,
        right + b"?" + b"q" * 5000,
        b"/" + right,
        b"http://127.0.0.1" + right,
        b"/endpoints/%ff%fe%00/invocations",
        b"/endpoints/%/invocations",
        b"/endpoints/" + b"x" * 70_000 + b"/invocations",
        b"/endpoints//invocations",
        b"/endpoints/../../etc/passwd/invocations",
        right.replace(b"invocations", b"async-invocations"),
        right.replace(b"invocations", b"invocations-response-stream"),
    )


_LINES = st.one_of(
    st.sampled_from(
        [
            b"Accept: text/html, */*;q=x",
            b"Accept: " + b"a/b," * 2000,
            b"no colon at all",
            b": no name",
            b"Name with spaces : x",
            b" folded: at the start",
            b"X-Folded: one\r\n two",
            b"X-Long: " + b"x" * 70_000,
            b"X-Nul: a\0b",
            b"Expect: 100-continue",
            b"Expect: something else",
            b"Connection: close, keep-alive, upgrade",
            b"Upgrade: h2c",
            b"Content-Encoding: gzip",
            b"X-Amzn-SageMaker-Custom-Attributes: " + b"\xe4" * 1025,
            b"X-Amzn-SageMaker-Custom-Attributes: \xff\xfe",
            b"X-Amzn-SageMaker-Target-Variant: nobody",
            b"X-Amzn-SageMaker-Target-Model: ../model",
            b"X-Amzn-SageMaker-Inference-Id: " + b"i" * 9000,
            b"X-Amz-Target: SageMaker.",
            b"X-Amz-Target: SageMaker.CreateEverything",
            b"X-Amz-Target: SageMaker.\xff",
            b"Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/../../sagemaker/aws4_request",
            b"Authorization: Credential=a/1/nowhere-9/sagemaker/aws4_request",
            b"Origin: http://evil.example",
            b"Host: evil.example",
            b"Cookie: " + b"a=b;" * 900,
            b"\r\n".join(b"X-Many-%d: x" % number for number in range(150)),
        ]
    ),
    st.tuples(_LATIN, _LATIN).map(lambda pair: pair[0] + b": " + pair[1]),
)
_TYPE_LINES = mostly(
    b"Content-Type: text/plain",
    *(b"Content-Type: " + name for name in _VALID_TYPES),
    b"Content-Type:",
    b"Content-Type: ;;;=",
    b"Content-Type: application/json; charset=none-such",
    b"Content-Type: multipart/form-data; boundary=",
    b"Content-Type: multipart/form-data; boundary=x",
    b"Content-Type: application/x-www-form-urlencoded",
    b"Content-Type: " + b"x/" * 4000,
    _LATIN.map(lambda raw: b"Content-Type: " + raw),
)
_LENGTHS = [
    *(b"-1", b"1", b"", b"abc", b"1_0", b"+5", b"0x10", b"5, 6", b"1e3", b"\xb2", b" 7 "),
    *(b"6291457", b"99999999", b"9" * 30, b"9" * 5000),
]
_CHUNKS = [
    b"5\r\nhello\r\n0\r\n\r\n",
    b"5;name=value\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
    b"5\r\nhello\r\n",
    b"5\r\nhel",
    b"5\r\nhelloworld\r\n0\r\n\r\n",
    b"-5\r\nhello\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    b"f" * 5000 + b"\r\nhello",
    b"xyz\r\nhello\r\n0\r\n\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b"+5\r\nhello\r\n0\r\n\r\n",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"",
    b"1\r\nx\r\n" * 3000 + b"0\r\n\r\n",
]
_CODINGS = [b"chunked"] * 5 + [b"gzip, chunked", b"identity", b"chunked, chunked", b"xchunked", b""]
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"", b"{", b"[" * 5000, b"raise in only", b"refuse in only", b"x" * 100_000]),
)


def _framed(body: bytes) -> st.SearchStrategy[tuple[bytes, bytes]]:
    """Return no, one, or two framing headers, and the bytes after the headers."""
    right = b"Content-Length: %d" % len(body)
    lengths = st.sampled_from(_LENGTHS).map(lambda length: (b"Content-Length: " + length, body))
    chunked = st.tuples(st.sampled_from(_CODINGS), st.sampled_from(_CHUNKS)).map(
        lambda pair: (b"Transfer-Encoding: " + pair[0], pair[1])
    )
    both = st.sampled_from(_CHUNKS).map(
        lambda chunks: (right + b"\r\nTransfer-Encoding: chunked", chunks)
    )
    return st.one_of(
        st.just((right, body)), lengths, chunked, both, st.just((b"X-No-Length: at all", body))
    )


@st.composite
def runtime_requests(draw: st.DrawFn, endpoint: str) -> bytes:
    """Return a request to an endpoint, as bytes."""
    method = draw(
        mostly(b"POST", b"GET", b"PUT", b"HEAD", b"OPTIONS", b"BREW", b"post", b"", _LATIN)
    )
    version = draw(
        mostly(b"HTTP/1.1", b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/x", b"", _LATIN)
    )
    host = draw(mostly(b"Host: localhost", b"Host:", b"Host: \xff", b"X-Host: none"))
    framing, body = draw(_BODIES.flatmap(_framed))
    lines = [host, draw(_TYPE_LINES), framing, *draw(st.lists(_LINES, max_size=3))]
    first = b" ".join([method, draw(_paths(endpoint)), version])
    end = draw(mostly(b"\r\n", b"\n", b"\r"))
    return end.join([first, *lines, b"", b""]) + body

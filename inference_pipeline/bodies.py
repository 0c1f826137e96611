"""The body of a request as the client sent it, its text, and its size limit between containers."""

from newsgroup_classifier.errors import PayloadTooLarge, RequestError, UnsupportedMediaType

MAX_BYTES = 5 * 1024 * 1024  # SageMaker passes no more from container to container
FEWER = "Send fewer texts per request."
BYTE_ORDER_MARK = "\ufeff"
_MARK_BYTES = BYTE_ORDER_MARK.encode()
_COMPRESSIONS = {  # by the first bytes of a body
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh91AY&SY": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_ENCODINGS = {  # UTF-32 first: its mark begins with that of UTF-16
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def raw_body(body: str | bytes) -> str | bytes:
    """Return the original bytes of a body that the scikit-learn container decoded.

    The container decodes JSON and CSV, and silently replaces bytes that are not UTF-8 by U+FFFD.
    """
    # The image has Flask. Imported here so that the stages load without it.
    from flask import has_request_context, request

    return request.get_data() if isinstance(body, str) and has_request_context() else body


def plain_bytes(body: bytes) -> bytes:
    """Return a body without its byte order mark; raise UnsupportedMediaType if it is compressed."""
    for start, name in _COMPRESSIONS.items():
        if body.startswith(start):
            raise UnsupportedMediaType(
                f"the body is compressed with {name}; expected plain data. Send it uncompressed."
            )
    return body.removeprefix(_MARK_BYTES)


def decode_body(body: str | bytes) -> str:
    """Return the text of a body without its byte order mark; raise RequestError unless UTF-8."""
    if isinstance(body, str):
        return body.removeprefix(BYTE_ORDER_MARK)
    plain_bytes(body)
    for start, name in _ENCODINGS.items():
        if body.startswith(start):
            raise RequestError(
                f"the body is not UTF-8: it begins with the byte order mark of {name}. "
                "Save or send the text as UTF-8."
            )
    try:
        return body.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from None


def check_size(size: int, texts: int, advice: str = FEWER) -> None:
    """Raise PayloadTooLarge if features of `size` bytes or more do not fit between containers."""
    if size > MAX_BYTES:
        raise PayloadTooLarge(
            f"the features of these {texts} texts take {size} bytes or more; at most {MAX_BYTES} "
            f"bytes pass between containers. {advice}"
        )

"""Decode the body of a request, and name what is not UTF-8 text.

The endpoints have the same definitions in inference_pipeline.bodies; tests compare them.
"""

from lambda_handler.errors import InvalidInput, UnsupportedMediaType

BYTE_ORDER_MARK = "\ufeff"
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


def check_encoding(header: str) -> None:
    """Raise UnsupportedMediaType if the header Content-Encoding names a compression."""
    if header.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType(
            f"the content encoding {header[:40]!r} is not accepted. Send the body uncompressed."
        )


def decode_body(body: bytes) -> str:
    """Return the text of a body without its byte order mark; raise RequestError unless UTF-8."""
    for start, name in _COMPRESSIONS.items():
        if body.startswith(start):
            raise UnsupportedMediaType(
                f"the body is compressed with {name}; expected plain data. Send it uncompressed."
            )
    for start, name in _ENCODINGS.items():
        if body.startswith(start):
            raise InvalidInput(
                f"the body is not UTF-8: it begins with the byte order mark of {name}. "
                "Save or send the text as UTF-8."
            )
    try:
        return body.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from None

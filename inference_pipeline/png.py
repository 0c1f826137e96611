"""Check a PNG file before TensorFlow decodes it, since TensorFlow accepts some corrupt files.

    offset  bytes   content
    0       8       the signature
    8       ...     chunks: length (4, big-endian), name (4), content, CRC-32 of name and content

The first chunk (IHDR) holds width, height, bits per channel, color type, compression, filter and
interlacing; the last one is IEND. IDAT holds the deflated rows of pixels, each after its filter.
"""

import struct
import zlib
from collections.abc import Iterator

from newsgroup_classifier.errors import RequestError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_CRITICAL = (b"IHDR", b"IDAT", b"IEND")
_FILTERS = 5
_CHANNELS = {0: 1, 2: 3}  # of the supported color types: gray and color
_UNSUPPORTED = {
    3: "a palette",
    4: "2 channels (gray and transparency)",
    6: "4 channels (color and transparency)",
}


def check_png(body: bytes, side: int) -> None:
    """Raise RequestError unless the bytes are a valid, complete PNG of side x side pixels.

    Gray and color with 8 bits per channel are supported; TensorFlow converts color to gray.
    """
    if not body.startswith(_SIGNATURE):
        raise RequestError("the body is not a PNG file: it lacks the PNG signature")
    chunks = list(_chunks(body))
    names = [name for name, _ in chunks]
    if names[0] != b"IHDR" or len(chunks[0][1]) != _HEADER.size or names.count(b"IHDR") != 1:
        raise _corrupt("its first chunk is not a header, or it has several headers")
    channels = _check_header(chunks[0][1], side)
    if b"tRNS" in names:
        raise _unsupported("a transparent color")
    known = _CRITICAL if channels == 1 else (*_CRITICAL, b"PLTE")  # a suggested palette
    for name in names:
        if not name[0] & 0x20 and name not in known:  # uppercase marks a critical chunk
            raise _corrupt(f"it has an unknown chunk {name!r}")
    pixels = b"".join(content for name, content in chunks if name == b"IDAT")
    _check_rows(pixels, side, 1 + side * channels)


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each chunk up to IEND, which must end the file."""
    start, name = len(_SIGNATURE), b""
    while name != b"IEND":
        if len(body) < start + _CHUNK.size:
            raise _corrupt(f"it is cut off after {len(body)} bytes")
        length, name = _CHUNK.unpack_from(body, start)
        end = start + _CHUNK.size + length
        if len(body) < end + 4:
            raise _corrupt(f"it is cut off after {len(body)} bytes")
        if zlib.crc32(body[start + 4 : end]) != int.from_bytes(body[end : end + 4], "big"):
            raise _corrupt(f"the chunk at byte {start} fails its checksum (CRC)")
        yield name, body[start + _CHUNK.size : end]
        start = end + 4
    if start != len(body):
        raise _corrupt(f"{len(body) - start} bytes follow its end; expected a single image")


def _check_header(header: bytes, side: int) -> int:
    """Return the number of channels; raise RequestError for an unsupported format."""
    width, height, bits, color, compression, filtering, interlaced = _HEADER.unpack(header)
    if (width, height) != (side, side):
        raise RequestError(
            f"the PNG has {width} x {height} pixels; expected {side} x {side}. Resize it."
        )
    if color in _UNSUPPORTED:
        raise _unsupported(_UNSUPPORTED[color])
    if bits != 8 or color not in _CHANNELS:
        raise RequestError(f"the PNG has {bits} bits per channel; expected 8. Convert it.")
    if interlaced:
        raise RequestError("the PNG is interlaced; expected one that is not. Save it without.")
    if compression or filtering:
        raise _corrupt("its header names an unknown compression or filter method")
    return _CHANNELS[color]


def _check_rows(deflated: bytes, side: int, length: int) -> None:
    """Raise RequestError unless the pixels inflate to complete rows with known filters."""
    expected = side * length
    inflate = zlib.decompressobj()
    try:
        rows = inflate.decompress(deflated, expected + 1)
    except zlib.error:
        raise _corrupt("its pixels cannot be decompressed") from None
    if len(rows) != expected or not inflate.eof:
        raise _corrupt(f"its pixels are not {side} rows of {side}")
    if max(rows[::length]) >= _FILTERS:
        raise _corrupt("one of its rows has an unknown filter")


def _unsupported(feature: str) -> RequestError:
    return RequestError(
        f"the PNG has {feature}; expected one gray or three color channels. Flatten it: put it on "
        "a plain background and convert it to grayscale."
    )


def _corrupt(reason: str) -> RequestError:
    return RequestError(f"the PNG file is corrupt: {reason}")

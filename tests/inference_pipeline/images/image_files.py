"""Create valid and invalid PNG and NPY files, and read them as the first stage does."""

import io
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from inference_pipeline.images import read_images
from newsgroup_classifier.errors import RequestError

IMAGE = (np.arange(784) % 256).astype(np.uint8).reshape(28, 28)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content)) + name + content
        + struct.pack(">I", zlib.crc32(name + content))
    )  # fmt: skip


def header(
    width: int = 28, height: int = 28, bits: int = 8, color: int = 0, interlaced: int = 0
) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))


def png(image: np.ndarray, extra: bytes = b"") -> bytes:
    """Return an image of uint8, gray (height, width) or color (height, width, 3), as a PNG file.

    `extra` has further chunks.
    """
    height, width = image.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in image)
    data = chunk(b"IDAT", zlib.compress(rows))
    color = 0 if image.ndim == 2 else 2
    return SIGNATURE + header(width, height, color=color) + extra + data + chunk(b"IEND", b"")


def png_of(**kind: int) -> bytes:
    """Return a black PNG with another bit depth or color type, or an interlaced one."""
    width, height = kind.get("width", 28), kind.get("height", 28)
    bits = width * CHANNELS[kind.get("color", 0)] * kind.get("bits", 8)
    row = b"\0" * (1 + (bits + 7) // 8)
    data = chunk(b"IDAT", zlib.compress(row * height))
    return SIGNATURE + header(**kind) + data + chunk(b"IEND", b"")


def npy(array: Any) -> bytes:
    """Return an array as an NPY file."""
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


def serving_request(body: bytes, content_type: str) -> Any:
    """Return the request that TensorFlow Serving receives."""
    return json.loads(read_images(body, content_type))


def refusal(body: bytes, content_type: str) -> str:
    """Return the message about a request that must be refused."""
    with pytest.raises(RequestError) as caught:
        read_images(body, content_type)
    return str(caught.value)

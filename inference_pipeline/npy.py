"""Read one numeric array from an NPY file, after checking its header."""

import io
import math
from collections.abc import Callable
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import RequestError

_MAX_HEADER = 1024  # bytes; numpy itself writes 118 for our arrays
_HEADER_ERRORS = (
    *(ValueError, TypeError, LookupError),
    *(SyntaxError, TokenError, RecursionError, MemoryError),
)
_DTYPES = [np.dtype(name) for name in ("uint8", "float16", "float32", "float64")]
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


Shape = tuple[int, ...]


def read_array(body: bytes, check_shape: Callable[[Shape], None]) -> NDArray[Any]:
    """Return the array of uint8 or floats in the bytes; raise RequestError for anything else.

    check_shape raises an error for an unsupported shape, before an array of it is allocated.
    """
    file = io.BytesIO(body)
    shape, by_column, dtype = _read_header(file)
    if dtype.newbyteorder("=") not in _DTYPES:
        name = "structured" if dtype.names else dtype
        raise RequestError(
            f"the array has the dtype {name}; expected uint8, float16, float32 or float64"
        )
    check_shape(shape)
    count = math.prod(shape)  # in Python integers: numpy's product may overflow
    expected, size = count * dtype.itemsize, len(body) - file.tell()
    if size != expected:
        raise RequestError(
            f"the NPY file is corrupt: {size} bytes follow its header; expected {expected} for an "
            f"array of shape {shape} and dtype {dtype}"
        )
    array = np.frombuffer(body, dtype, count, file.tell())
    return array.reshape(shape, order="F" if by_column else "C")


def _read_header(file: io.BytesIO) -> tuple[Shape, bool, np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(file)
        if version not in _READERS:
            raise ValueError(f"version {version} of the format is not supported")
        shape, by_column, dtype = _READERS[version](file, max_header_size=_MAX_HEADER)
    # numpy parses a header as Python, and errors of many types get through.
    except _HEADER_ERRORS as error:
        raise RequestError(
            f"the body is not an NPY file: its header cannot be read ({type(error).__name__}); "
            "expected the output of numpy.save"
        ) from None
    # numpy's reader accepts a boolean as an integer, but its array constructor does not.
    valid = all(type(length) is int and length >= 0 for length in shape)
    if not isinstance(dtype, np.dtype) or not valid:
        raise RequestError(f"the NPY file is corrupt: its array has the shape {shape}")
    return shape, by_column, dtype

"""Read the images of a request.

Each function returns the body for TensorFlow Serving. All raise RequestError, which names the
item, for shapes other than 28 x 28, for values other than numbers from 0 to 255, and for empty
requests.
"""

import base64
import io
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.bodies import read_instances
from inference_pipeline.content_types import IMAGE_TYPES, NPY, PNG
from inference_pipeline.png import check_png
from inference_pipeline.tensorflow_bodies import BY_ARRAYS, BY_PNG, write_instances
from newsgroup_classifier.errors import RequestError, counted
from newsgroup_classifier.text.request_bodies import (
    decode_body,
    parse_json,
    plain_bytes,
    request_type,
    type_name,
)

SIDE = 28
_PIXELS = SIDE * SIDE
_SHAPES = f"expected {SIDE} rows of {SIDE} numbers, or {_PIXELS} numbers"
_RANGE = "expected a number from 0 to 255"
_MAX_DIGITS = 12  # of a number in a message
_MAX_AXES = 8  # of an array in a message
_MAX_HEADER = 1024  # bytes of an NPY file; numpy itself writes 118 for our arrays
# numpy parses the header as Python, and errors of many types get through.
_NPY_ERRORS = (
    *(ValueError, TypeError, LookupError, ArithmeticError),
    *(SyntaxError, TokenError, RecursionError, MemoryError),
)
_DTYPES = [np.dtype(name) for name in ("uint8", "float16", "float32", "float64")]


def read_images(body: bytes, content_type: str) -> bytes:
    """Return the request for TensorFlow Serving; raise RequestError with the reason."""
    kind = request_type(content_type, IMAGE_TYPES)
    plain = plain_bytes(body)
    if not plain.strip():
        raise RequestError("the body is empty; expected at least one image")
    if kind == PNG:
        return _read_png(plain)
    return _read_npy(plain) if kind == NPY else _read_json(body)


def _read_png(body: bytes) -> bytes:
    check_png(body, SIDE)
    return write_instances([{"b64": base64.b64encode(body).decode("ascii")}], BY_PNG)


def _read_npy(body: bytes) -> bytes:
    array = _read_array(body)
    _check_shape(array.shape)
    images = array.reshape(-1, SIDE, SIDE)
    if not len(images):
        raise RequestError("the request has no images; expected at least one")
    wrong = np.argwhere(~((images >= 0) & (images <= 255)))  # this includes NaN
    if len(wrong):
        item, row, column = wrong[0].tolist()
        value = _found(float(images[item, row, column]))
        raise RequestError(f"item {item} row {row} column {column} is {value}; {_RANGE}")
    return write_instances(images.tolist(), BY_ARRAYS)


def _read_array(body: bytes) -> NDArray[Any]:
    file = io.BytesIO(body)
    try:
        array: NDArray[Any] = np.lib.format.read_array(file, max_header_size=_MAX_HEADER)
    except _NPY_ERRORS as error:
        raise RequestError(
            f"the body is not a complete NPY file of numbers ({type(error).__name__}); expected "
            "the output of numpy.save"
        ) from None
    if file.read(1):
        raise RequestError("the NPY file is corrupt: more bytes follow its array")
    if array.dtype.newbyteorder("=") not in _DTYPES:
        name = "structured" if array.dtype.names else array.dtype
        raise RequestError(
            f"the array has the dtype {name}; expected uint8, float16, float32 or float64"
        )
    return array


def _check_shape(shape: tuple[int, ...]) -> None:
    """Raise RequestError unless the shape is that of one image or of n images."""
    image = ((SIDE, SIDE), (_PIXELS,))
    if shape not in image and shape[1:] not in image:
        form = f"the shape {shape}" if len(shape) <= _MAX_AXES else f"{len(shape)} axes"
        raise RequestError(
            f"the array has {form}; expected the shape {(SIDE, SIDE)}, {(_PIXELS,)}, "
            f"{('n', SIDE, SIDE)} or {('n', _PIXELS)}".replace("'", "")
        )


def _read_json(body: bytes) -> bytes:
    content = parse_json(decode_body(body), "the body")
    if isinstance(content, dict) and "explain" in content:
        raise RequestError(
            '"explain" works with texts only, and this recipe reads images; leave it out'
        )
    items = read_instances(content, "images")
    if isinstance(content, list) and _is_one_image(content):
        items = [content]
    if not items:
        raise RequestError("the request has no images; expected at least one")
    return write_instances([_rows(item, index) for index, item in enumerate(items)], BY_ARRAYS)


def _is_one_image(content: list[Any]) -> bool:
    """Return whether a bare list is itself an image: a list of numbers, or of rows of numbers."""
    lists = [item for item in content if isinstance(item, list)]
    if not lists:
        return any(type(item) in (int, float) for item in content)
    flat = all(not isinstance(value, list) for item in lists for value in item)
    return flat and len(content) == SIDE and not any(len(item) == _PIXELS for item in lists)


def _rows(item: Any, index: int) -> list[list[float]]:
    if not isinstance(item, list):
        raise RequestError(f"item {index} is {type_name(item)}; {_SHAPES}")
    if len(item) == _PIXELS:
        item = [item[start : start + SIDE] for start in range(0, _PIXELS, SIDE)]
    elif len(item) != SIDE:
        raise RequestError(f"item {index} is a list of {len(item)}; {_SHAPES}")
    for number, row in enumerate(item):
        _check_row(row, f"item {index} row {number}")
    return item


def _check_row(row: Any, where: str) -> None:
    if not isinstance(row, list):
        raise RequestError(f"{where} is {type_name(row)}; expected {SIDE} numbers")
    if len(row) != SIDE:
        raise RequestError(f"{where} has {counted(len(row), 'value')}; expected {SIDE} numbers")
    for column, value in enumerate(row):
        if type(value) not in (int, float) or not 0 <= value <= 255:
            raise RequestError(f"{where} column {column} is {_found(value)}; {_RANGE}")


def _found(value: Any) -> str:
    """Return a value for a message: a number, cut if it is long, or the type of anything else."""
    return str(value)[:_MAX_DIGITS] if type(value) in (int, float) else type_name(value)

"""The body between our two stages: the request's options and rows of features, without a pickle.

    bytes            content
    8                the format: SPARSEF8, SPARSEF4, DENSE_F8, or DENSE_F4
    4 * 2            the options top and neighbors
    8 * 3            rows, columns, values
    8 or 4 * values  the values (float64 or float32), row by row
    4 * (rows + 1)   of sparse rows: the start of each row
    4 * values       of sparse rows: the column of each value

All numbers are little-endian. Values keep their type, since an estimator computes in the type of
the rows it was fitted on. docs/explanation/decisions/serving.md compares the format with JSON, NPY
arrays and zips of arrays.
"""

import struct
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from inference_pipeline.bodies import MAX_BYTES, NO_OPTIONS, RequestOptions, check_size
from newsgroup_classifier.errors import RequestError

_HEADER = struct.Struct("<8sIIQQQ")
_MAX_INDEX = 2**31 - 1  # of four bytes
DenseRows = NDArray[np.floating[Any]]
Rows: TypeAlias = csr_matrix | DenseRows
_FORMATS: dict[bytes, tuple[bool, np.dtype[Any]]] = {  # whether rows are dense, and their type
    b"SPARSEF8": (False, np.dtype("<f8")),
    b"SPARSEF4": (False, np.dtype("<f4")),
    b"DENSE_F8": (True, np.dtype("<f8")),
    b"DENSE_F4": (True, np.dtype("<f4")),
}


def write_features(rows: Rows, options: RequestOptions = NO_OPTIONS) -> bytes:
    """Return the body for the next stage; raise PayloadTooLarge if it is over the limit."""
    check_dense(rows, rows.shape[0])
    body = encode_features(rows, options)
    check_size(len(body), rows.shape[0])
    return body


def check_dense(rows: Rows, texts: int) -> None:
    """Raise PayloadTooLarge if rows are dense, and so many of them are over the limit."""
    if isinstance(rows, np.ndarray):
        most = (MAX_BYTES - _HEADER.size) // rows[0].nbytes
        size = _HEADER.size + texts * rows[0].nbytes
        check_size(size, texts, f"Send at most {most} texts per request.")


def size_of(rows: Rows) -> int:
    """Return the bytes of rows between the header and the end of a body."""
    if isinstance(rows, np.ndarray):
        return rows.nbytes
    return int((rows.dtype.itemsize + 4) * rows.nnz + 4 * rows.shape[0])


def encode_features(rows: Rows, options: RequestOptions = NO_OPTIONS) -> bytes:
    """Return the body for the next stage, of any size."""
    values: DenseRows
    places: tuple[Any, ...]
    if isinstance(rows, np.ndarray):
        values, places = np.ascontiguousarray(rows), ()
    else:
        values, places = rows.data, (rows.indptr, rows.indices)
    kind = (not places, values.dtype)
    magic = next(magic for magic, each in _FORMATS.items() if each == kind)
    parts = [_HEADER.pack(magic, options.top, options.neighbors, *rows.shape, values.size)]
    parts += [values.tobytes(), *(each.astype("<i4", copy=False).tobytes() for each in places)]
    return b"".join(parts)


def read_features(body: bytes) -> tuple[Rows, RequestOptions]:
    """Return the rows and the options; raise RequestError unless the body is complete."""
    is_dense, dtype = _FORMATS.get(body[:8], (False, None))
    if dtype is None or len(body) < _HEADER.size:
        raise _malformed("they lack the header of rows")
    _, top, neighbors, rows, columns, count = _HEADER.unpack_from(body)
    end = _HEADER.size + dtype.itemsize * count
    size = end if is_dense else end + 4 * (rows + 1 + count)
    is_filled = count == rows * columns or not is_dense
    if len(body) != size or not is_filled or rows == 0 or not 0 < columns <= _MAX_INDEX:
        raise _malformed(
            f"{len(body)} bytes for {rows} rows, {columns} columns, and {count} values; expected "
            f"{size} bytes, and at least one row and column"
        )
    values = np.frombuffer(body, dtype, count, _HEADER.size)
    if not np.isfinite(values).all():
        raise _malformed("a value is not a finite number")
    shape, options = (rows, columns), RequestOptions(top, neighbors)
    return (values.reshape(shape) if is_dense else _sparse(body[end:], values, shape)), options


def _sparse(places: bytes, values: DenseRows, shape: tuple[int, int]) -> csr_matrix:
    starts = np.frombuffer(places, "<i4", shape[0] + 1)
    columns = np.frombuffer(places, "<i4", values.size, starts.nbytes)
    # scipy's own check skips this if the last row seems to end at 0, and lets it overflow.
    if starts[0] != 0 or starts[-1] != values.size or (starts[1:] < starts[:-1]).any():
        raise _malformed("the row starts are not in order")
    try:
        matrix = csr_matrix((values, columns, starts), shape=shape)
        matrix.check_format(full_check=True)
    except ValueError as error:
        raise _malformed(str(error)) from None
    return matrix


def _malformed(reason: str) -> RequestError:
    return RequestError(f"the features are malformed: {reason}")

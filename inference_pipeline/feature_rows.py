"""The body between our two stages: rows of features, sparse or dense, and the request's options.

    bytes               content
    8                   b"OPTIONS1", only if the request has options; then
    4 * 2               top, neighbors (little-endian unsigned)
    8                   the format of the rows: see sparse_rows.py, or b"F8ROWS01" or b"F4ROWS01"
    8 * 2               dense rows: rows, columns (little-endian unsigned)
    8 or 4 * values     dense rows: the values (little-endian float64 or float32), row by row

Dense rows keep their type, since an estimator computes in the type of the rows it was fitted on.
"""

import struct
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse

from inference_pipeline.bodies import MAX_BYTES, check_size
from inference_pipeline.options import NO_OPTIONS, RequestOptions
from inference_pipeline.sparse_rows import check_shape, check_values, decode_rows, encode_rows
from newsgroup_classifier.errors import RequestError

_OPTIONS = struct.Struct("<8sII")
_OPTIONS_MAGIC = b"OPTIONS1"
_DENSE = struct.Struct("<8sQQ")
_TYPES: dict[bytes, np.dtype[Any]] = {b"F8ROWS01": np.dtype("<f8"), b"F4ROWS01": np.dtype("<f4")}
DenseRows = NDArray[np.floating[Any]]
Rows: TypeAlias = csr_matrix | DenseRows


def write_features(rows: Rows, options: RequestOptions = NO_OPTIONS) -> bytes:
    """Return the body for the next stage; raise PayloadTooLarge if it is over the limit."""
    check_dense(rows, rows.shape[0])
    body = encode_features(rows, options)
    check_size(len(body), rows.shape[0])
    return body


def check_dense(rows: Rows, texts: int) -> None:
    """Raise PayloadTooLarge if rows are dense, and so many of them are over the limit."""
    if isinstance(rows, np.ndarray):
        most = (MAX_BYTES - _OPTIONS.size - _DENSE.size) // rows[0].nbytes
        size = _DENSE.size + texts * rows[0].nbytes
        check_size(size, texts, f"Send at most {most} texts per request.")


def size_of(rows: Rows) -> int:
    """Return the bytes of rows between the header and the end of a body."""
    if isinstance(rows, np.ndarray):
        return rows.nbytes
    return int((rows.dtype.itemsize + 4) * rows.nnz + 4 * rows.shape[0])


def encode_features(rows: Rows, options: RequestOptions) -> bytes:
    """Return the body for the next stage, of any size."""
    prefix = b""
    if options != NO_OPTIONS:
        prefix = _OPTIONS.pack(_OPTIONS_MAGIC, options.top, options.neighbors)
    return prefix + (encode_rows(rows) if issparse(rows) else _encode_dense(rows))


def read_features(body: bytes) -> tuple[Rows, RequestOptions]:
    """Return the rows and the options; raise RequestError unless the body is complete."""
    options = NO_OPTIONS
    if body.startswith(_OPTIONS_MAGIC):
        if len(body) < _OPTIONS.size:
            raise RequestError("the features are malformed: they end before the rows")
        _, top, neighbors = _OPTIONS.unpack_from(body)
        options, body = RequestOptions(top, neighbors), body[_OPTIONS.size :]
    dense = body[: len(_OPTIONS_MAGIC)] in _TYPES
    return (_decode_dense(body) if dense else decode_rows(body)), options


def _encode_dense(rows: DenseRows) -> bytes:
    magic = next(magic for magic, dtype in _TYPES.items() if dtype == rows.dtype)
    return _DENSE.pack(magic, *rows.shape) + np.ascontiguousarray(rows).tobytes()


def _decode_dense(body: bytes) -> DenseRows:
    dtype = _TYPES[body[: len(_OPTIONS_MAGIC)]]
    if len(body) < _DENSE.size:
        raise RequestError("the features are malformed: they end before the rows")
    _, rows, columns = _DENSE.unpack_from(body)
    check_shape(body, _DENSE.size + dtype.itemsize * rows * columns, rows, columns)
    values: DenseRows = np.frombuffer(body, dtype, rows * columns, _DENSE.size)
    check_values(values)
    return values.reshape(rows, columns)

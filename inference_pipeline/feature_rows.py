"""The body between our two stages: rows of features, sparse or dense, and what the client asks for.

    bytes               what
    8                   b"ASKED001", only if the client asks for more than predictions; then
    4 * 2               top, neighbors (little-endian unsigned)
    8                   how the rows are written: sparse_rows.py, or b"F8ROWS01" or b"F4ROWS01"
    8 * 2               of dense rows: rows, columns (little-endian unsigned)
    8 or 4 * values     of dense rows: the values (little-endian float64 or float32), row by row

Dense rows keep their type: an estimator computes with that of the rows it was fitted on.
"""

import struct
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse

from inference_pipeline.asked import NOTHING, Asked
from inference_pipeline.bodies import MOST_BYTES
from inference_pipeline.sparse_rows import decode_rows, encode_rows
from newsgroup_classifier.errors import PayloadTooLarge, RequestError

_ASKED = struct.Struct("<8sII")
_ASKED_MAGIC = b"ASKED001"
_DENSE = struct.Struct("<8sQQ")
_TYPES: dict[bytes, np.dtype[Any]] = {b"F8ROWS01": np.dtype("<f8"), b"F4ROWS01": np.dtype("<f4")}
DenseRows = NDArray[np.floating[Any]]
Rows: TypeAlias = csr_matrix | DenseRows


def write_features(rows: Rows, asked: Asked = NOTHING) -> bytes:
    """Return the body for the next stage; raise PayloadTooLarge if no container passes it on."""
    head = b"" if asked == NOTHING else _ASKED.pack(_ASKED_MAGIC, asked.top, asked.neighbors)
    body = head + (encode_rows(rows) if issparse(rows) else _encode_dense(rows))
    if len(body) > MOST_BYTES:
        raise PayloadTooLarge(
            f"the features of these {rows.shape[0]} texts have {len(body)} bytes; at most "
            f"{MOST_BYTES} pass between containers. {_advice(rows)}"
        )
    return body


def _advice(rows: Rows) -> str:
    """Return how many texts to send; how many fit is known where all rows are of the same size."""
    if issparse(rows):
        return "Send fewer texts in one request."
    room = MOST_BYTES - _ASKED.size - _DENSE.size
    return f"Send at most {room // rows[0].nbytes} texts in one request."


def read_features(body: bytes) -> tuple[Rows, Asked]:
    """Return the rows and what is asked for; raise RequestError unless the body is a whole one."""
    asked = NOTHING
    if body.startswith(_ASKED_MAGIC):
        if len(body) < _ASKED.size:
            raise RequestError("the features are broken: they end before the rows")
        _, top, neighbors = _ASKED.unpack_from(body)
        asked, body = Asked(top, neighbors), body[_ASKED.size :]
    dense = body[: len(_ASKED_MAGIC)] in _TYPES
    return (_decode_dense(body) if dense else decode_rows(body)), asked


def _encode_dense(rows: DenseRows) -> bytes:
    magic = next(magic for magic, kind in _TYPES.items() if kind == rows.dtype)
    return _DENSE.pack(magic, *rows.shape) + np.ascontiguousarray(rows).tobytes()


def _decode_dense(body: bytes) -> DenseRows:
    kind = _TYPES[body[: len(_ASKED_MAGIC)]]
    if len(body) < _DENSE.size:
        raise RequestError("the features are broken: they end before the rows")
    _, rows, columns = _DENSE.unpack_from(body)
    expected = _DENSE.size + kind.itemsize * rows * columns
    if len(body) != expected or rows == 0 or columns == 0:
        raise RequestError(
            f"the features are broken: {len(body)} bytes of {rows} rows and {columns} columns; "
            f"expected {expected} bytes, and at least one row and column"
        )
    found: DenseRows = np.frombuffer(body, kind, rows * columns, _DENSE.size).reshape(rows, columns)
    if not np.isfinite(found).all():
        raise RequestError("the features are broken: a value is not a finite number")
    return found

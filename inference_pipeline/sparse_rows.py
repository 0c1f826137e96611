"""The format between our stages: a sparse matrix as a fixed header and three arrays, no pickle.

    offset  bytes            content
    0       8                b"CSRROWS1", or b"CSRROWS4" for values in single precision
    8       8 * 3            rows, columns, stored values (little-endian unsigned)
    32      8 or 4 * values  the values (little-endian float64 or float32)
    ...     4 * (rows + 1)   the start of each row (little-endian signed)
    ...     4 * values       the column of each value (little-endian signed)

Values keep their type, since an estimator computes in the type of the rows it was fitted on.
docs/explanation/decisions/serving.md compares the format with JSON, NPY arrays and zips of arrays.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from newsgroup_classifier.errors import RequestError

_HEADER = struct.Struct("<8sQQQ")
_TYPES: dict[bytes, np.dtype[Any]] = {b"CSRROWS1": np.dtype("<f8"), b"CSRROWS4": np.dtype("<f4")}
_MAX_INDEX = 2**31 - 1  # of four bytes


def encode_rows(matrix: csr_matrix) -> bytes:
    """Return the bytes of a sparse matrix of float64 or float32 values."""
    rows, columns = matrix.shape
    magic = next(magic for magic, dtype in _TYPES.items() if dtype == matrix.dtype)
    return b"".join(
        (
            _HEADER.pack(magic, rows, columns, matrix.nnz),
            matrix.data.tobytes(),
            matrix.indptr.astype("<i4", copy=False).tobytes(),
            matrix.indices.astype("<i4", copy=False).tobytes(),
        )
    )


def decode_rows(body: bytes) -> csr_matrix:
    """Return the sparse matrix in the bytes; raise RequestError unless they are complete."""
    dtype = _TYPES.get(body[:8])
    if len(body) < _HEADER.size or dtype is None:
        raise RequestError("the features are malformed: they lack the header of sparse rows")
    _, rows, columns, count = _HEADER.unpack_from(body)
    check_shape(body, _HEADER.size + 4 * (rows + 1) + (dtype.itemsize + 4) * count, rows, columns)
    rows_at = _HEADER.size + dtype.itemsize * count
    values = np.frombuffer(body, dtype, count, _HEADER.size)
    indptr = np.frombuffer(body, "<i4", rows + 1, rows_at)
    indices = np.frombuffer(body, "<i4", count, rows_at + 4 * (rows + 1))
    # scipy's own check skips this if the last row seems to end at 0, and lets it overflow.
    if indptr[0] != 0 or indptr[-1] != count or (indptr[1:] < indptr[:-1]).any():
        raise RequestError("the features are malformed: the row starts are not in order")
    try:
        matrix = csr_matrix((values, indices, indptr), shape=(rows, columns))
        matrix.check_format(full_check=True)
    except ValueError as error:
        raise RequestError(f"the features are malformed: {error}") from None
    check_values(values)
    return matrix


def check_shape(body: bytes, expected: int, rows: int, columns: int) -> None:
    """Raise RequestError unless a body has the expected size and at least one row and column."""
    if len(body) != expected or rows == 0 or not 0 < columns <= _MAX_INDEX:
        raise RequestError(
            f"the features are malformed: {len(body)} bytes for {rows} rows and {columns} "
            f"columns; expected {expected} bytes, and at least one row and column"
        )


def check_values(values: NDArray[Any]) -> None:
    """Raise RequestError unless all values are finite."""
    if not np.isfinite(values).all():
        raise RequestError("the features are malformed: a value is not a finite number")

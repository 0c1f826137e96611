"""The format between our stages: a sparse matrix as a fixed header and three arrays, no pickle.

    offset  bytes       what
    0       8           b"CSRROWS1"
    8       8 * 3       rows, columns, stored values (little-endian unsigned)
    32      8 * values       the values (little-endian float64)
    ...     4 * (rows + 1)   where each row starts (little-endian signed)
    ...     4 * values       the column of each value (little-endian signed)

docs/explanation/decisions/serving.md compares it with JSON, NPY arrays and zips of arrays.
"""

import struct

import numpy as np
from scipy.sparse import csr_matrix

from newsgroup_classifier.errors import RequestError

_HEADER = struct.Struct("<8sQQQ")
_MAGIC = b"CSRROWS1"
_LARGEST = 2**31 - 1  # what a four-byte index can say


def encode_rows(matrix: csr_matrix) -> bytes:
    """Return the bytes of a sparse matrix of float64 values."""
    rows, columns = matrix.shape
    return b"".join(
        (
            _HEADER.pack(_MAGIC, rows, columns, matrix.nnz),
            matrix.data.astype("<f8", copy=False).tobytes(),
            matrix.indptr.astype("<i4", copy=False).tobytes(),
            matrix.indices.astype("<i4", copy=False).tobytes(),
        )
    )


def decode_rows(body: bytes) -> csr_matrix:
    """Return the sparse matrix in the bytes; raise RequestError unless they are a whole one."""
    if len(body) < _HEADER.size or not body.startswith(_MAGIC):
        raise RequestError("the features are broken: they do not begin as sparse rows do")
    _, rows, columns, values = _HEADER.unpack_from(body)
    expected = _HEADER.size + 4 * (rows + 1) + 12 * values
    if len(body) != expected or not 0 < columns <= _LARGEST or rows == 0:
        raise RequestError(
            f"the features are broken: {len(body)} bytes of {rows} rows and {columns} columns; "
            f"expected {expected} bytes, and at least one row and column"
        )
    rows_at = _HEADER.size + 8 * values
    data = np.frombuffer(body, "<f8", values, _HEADER.size)
    indptr = np.frombuffer(body, "<i4", rows + 1, rows_at)
    indices = np.frombuffer(body, "<i4", values, rows_at + 4 * (rows + 1))
    # scipy's own check leaves this out when the last row seems to end at 0, and lets it overflow.
    if indptr[0] != 0 or indptr[-1] != values or (indptr[1:] < indptr[:-1]).any():
        raise RequestError("the features are broken: the rows do not follow one another")
    try:
        matrix = csr_matrix((data, indices, indptr), shape=(rows, columns))
        matrix.check_format(full_check=True)
    except ValueError as error:
        raise RequestError(f"the features are broken: {error}") from None
    if not np.isfinite(data).all():
        raise RequestError("the features are broken: a value is not a finite number")
    return matrix

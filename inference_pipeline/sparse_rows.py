"""The format between our stages: a sparse matrix of n rows as four NPY arrays, no pickle.

The arrays are shape (2 int64), indptr (n + 1 integers), indices (one integer a stored value) and
data (float64), one after the other. JSON and a zip of arrays were measured beside it; the figures
are in docs/decisions.md.
"""

import io

import numpy as np
from numpy.lib import format as npy
from scipy.sparse import csr_matrix

from newsgroup_classifier.errors import RequestError

_INTEGERS = ("int32", "int64")


def encode_rows(matrix: csr_matrix) -> bytes:
    """Return the bytes of a sparse matrix."""
    buffer = io.BytesIO()
    shape = np.array(matrix.shape, dtype=np.int64)
    for array in (shape, matrix.indptr, matrix.indices, matrix.data):
        npy.write_array(buffer, array, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def decode_rows(body: bytes) -> csr_matrix:
    """Return the sparse matrix in the bytes; raise RequestError unless they are a whole one."""
    buffer = io.BytesIO(body)
    try:
        shape, indptr, indices, data = (
            npy.read_array(buffer, allow_pickle=False) for _ in range(4)
        )
        if indptr.dtype.name not in _INTEGERS or indices.dtype.name not in _INTEGERS:
            raise ValueError("indices are not integers")
        matrix = csr_matrix((data.astype(np.float64), indices, indptr), shape=tuple(shape))
        matrix.check_format(full_check=True)
    except (ValueError, TypeError, EOFError, IndexError, OverflowError, MemoryError) as error:
        raise RequestError(f"the features are broken: {error}") from None
    if buffer.read(1):
        raise RequestError("the features are broken: bytes follow the last array")
    return matrix

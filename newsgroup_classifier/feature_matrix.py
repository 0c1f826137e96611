"""The features of texts as the containers pass them on: a matrix of numbers with a row per text."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse

_NUMBERS = "biuf"  # numpy's kinds of numbers that are real


def feature_matrix(features: Any) -> Any:
    """Return features (n, m) as a csr_matrix, or as an array of float32 or float64.

    Raise ValueError with a description of them unless they are a matrix of numbers.
    """
    if issparse(features) and features.ndim == 2 and features.dtype.kind in _NUMBERS:
        return csr_matrix(features)
    rows = np.asarray(features)
    if rows.ndim != 2 or rows.dtype.kind not in _NUMBERS:
        raise ValueError(
            f"{type(features).__name__} of {rows.dtype} with {rows.ndim} dimensions; expected a "
            "matrix of numbers with one row per text"
        )
    return rows if rows.dtype in (np.float32, np.float64) else rows.astype(np.float64)

"""The features of texts as the containers pass them on: a matrix of numbers with a row per text."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse

_NUMBERS = "biuf"  # numpy's kinds of numbers that are real


def feature_matrix(features: Any) -> Any:
    """Return features (n, m) as a csr_matrix or an array, of float32 or float64.

    Raise ValueError with a description of them unless they are a matrix of finite numbers.
    """
    sparse = issparse(features) and features.ndim == 2 and features.dtype.kind in _NUMBERS
    rows: Any = csr_matrix(features) if sparse else np.asarray(features)
    if rows.ndim != 2 or rows.dtype.kind not in _NUMBERS:
        raise ValueError(
            f"{type(features).__name__} of {rows.dtype} with {rows.ndim} dimensions; expected a "
            "matrix of numbers with one row per text. Put the step that makes numbers of the texts "
            "before the last one"
        )
    if not np.isfinite(rows.data if sparse else rows).all():
        raise ValueError(
            f"{type(features).__name__} with NaN or infinity; expected finite numbers. Add a step "
            "that replaces these, such as SimpleImputer"
        )
    return rows if rows.dtype in (np.float32, np.float64) else rows.astype(np.float64)

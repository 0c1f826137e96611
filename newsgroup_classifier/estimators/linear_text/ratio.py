"""A ridge of every class against the others, on features weighted by their naive Bayes log ratios.

As in Wang and Manning, "Baselines and Bigrams" (ACL 2012), with squared instead of hinge loss.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csr_matrix

from newsgroup_classifier.estimators.linear_text.members import Linear, SeparateFits
from newsgroup_classifier.estimators.linear_text.ridge import solve

_SMOOTHING = 0.1
_PENALTY = 24.0  # over C; folds of Spooky and AG News chose it


@dataclass(frozen=True)
class RatioRidge:
    """The ridge on log ratios; `C` is its inverse regularization."""

    C: float

    def start(self, rows: csr_matrix, targets: np.ndarray) -> SeparateFits:
        """Return the fits on rows with one-hot targets."""
        return SeparateFits(partial(_learn, alpha=_PENALTY / self.C), rows, targets)


def _learn(rows: csr_matrix, targets: np.ndarray, *, alpha: float) -> Linear:
    columns = rows.T.tocsr()
    own = columns @ targets
    others = own.sum(axis=1, keepdims=True) - own
    squares = (_log_shares(own) - _log_shares(others)) ** 2

    def product(values: np.ndarray) -> np.ndarray:
        # The rows of each class have features of their own, and all a constant feature of 1.
        return rows @ (squares * (columns @ values)) + values.sum(axis=0)

    dual = solve(product, 2 * targets - 1, alpha)
    return squares * (columns @ dual), dual.sum(axis=0)


def _log_shares(sums: np.ndarray) -> np.ndarray:
    smoothed = np.maximum(sums, 0) + np.float32(_SMOOTHING)
    logs: np.ndarray = np.log(smoothed) - np.log(smoothed.sum(axis=0))
    return logs

"""What the members of a vote have in common.

A member is linear: the scores of rows (n, p) are rows @ weights (p, k) + intercepts (k).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix

Fold: TypeAlias = tuple[np.ndarray, np.ndarray]  # numbers of the rows to fit on, and of the others
Linear: TypeAlias = tuple[np.ndarray, np.ndarray]  # weights (p, k) and intercepts (k)
Mix: TypeAlias = Mapping[str, float]  # names of blocks, and the factor of the values of each


class Fits(Protocol):
    """The fits of a member on labeled rows."""

    def out_of_fold(self, folds: Sequence[Fold]) -> np.ndarray:
        """Return the scores (n, k) of each row by the fit on the other folds."""

    def fit(self) -> Linear:
        """Return the weights and intercepts of the fit on all rows."""


class Member(Protocol):
    """A linear classifier that may be a member of a vote."""

    def start(self, rows: csr_matrix, targets: np.ndarray) -> Fits:
        """Return the fits on labeled rows, of which the labels are one-hot targets (n, k)."""


class SeparateFits:
    """Fits of which each learns from its own rows and targets (n, k)."""

    def __init__(
        self,
        learn: Callable[[csr_matrix, np.ndarray], Linear],
        rows: csr_matrix,
        targets: np.ndarray,
    ) -> None:
        self._learn, self._rows, self._targets = learn, rows, targets

    def out_of_fold(self, folds: Sequence[Fold]) -> np.ndarray:
        """Return the scores (n, k) of each row by the fit on the other folds."""
        scores = np.empty_like(self._targets)
        for fit, held in folds:
            weights, intercepts = self._learn(self._rows[fit], self._targets[fit])
            scores[held] = self._rows[held] @ weights + intercepts
        return scores

    def fit(self) -> Linear:
        """Return the weights and intercepts of the fit on all rows."""
        return self._learn(self._rows, self._targets)


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return a float32 matrix (n, k) with a 1 in the column of each row's label."""
    targets = np.zeros((len(labels), classes), np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets

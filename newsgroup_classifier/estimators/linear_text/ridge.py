"""Ridge regression of every class against the others, solved in the dual.

Saunders, Gammerman and Vovk, "Ridge Regression Learning Algorithm in Dual Variables" (ICML 1998):
the weights are a weighted sum of the rows, so one matrix of the products of rows serves the fits of
all folds. Conjugate gradients (Hestenes and Stiefel, 1952) solve for all classes at once.

The features of the second member are weighted by their naive Bayes log ratios, as in Wang and
Manning, "Baselines and Bigrams" (ACL 2012), with squared instead of hinge loss.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from newsgroup_classifier.estimators.linear_text.members import Fits, Fold, Linear

_MAX_ROWS = 20_000  # of a matrix of products, which has 1.6 GB then
_DENSE_SHARE = 0.06  # of the rows: columns with more values are multiplied as dense ones
_DENSE_COLUMNS = 1024  # multiplied at once, to bound memory
_TOLERANCE, _MOST_STEPS = 3e-3, 100
_TINY = np.float32(1e-30)
_SMOOTHING = 0.1  # of log ratios
_PENALTY = 24.0  # over C; folds of Spooky and AG News chose it
Product = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Ridge:
    """Ridge on targets of +1 and -1; `alpha` is the penalty, as in scikit-learn's Ridge.

    Rows get a constant feature of 1, which makes an intercept.
    """

    alpha: float

    def start(self, rows: csr_matrix, targets: np.ndarray) -> Fits:
        """Return the fits on rows with one-hot targets."""
        signs, count = 2 * targets - 1, rows.shape[0]
        if count <= _MAX_ROWS and count * count < 4 * rows.nnz * targets.shape[1]:
            return _ProductFits(rows, signs, self.alpha)
        return Fits(partial(_learn, alpha=self.alpha), rows, signs)


class _ProductFits(Fits):
    """The fits on all rows and on parts of them, which share the products of rows."""

    def __init__(self, rows: csr_matrix, targets: np.ndarray, alpha: float) -> None:
        super().__init__(partial(_learn, alpha=alpha), rows, targets)
        self._alpha = alpha
        self._products = row_products(rows) + np.float32(1)

    def out_of_fold(self, folds: Sequence[Fold]) -> np.ndarray:
        """Return the scores (n, k) of each row by the fit on the other folds."""
        scores = np.empty_like(self._targets)
        for fit, held in folds:
            own = self._products[np.ix_(fit, fit)]
            dual = solve(own.__matmul__, self._targets[fit], self._alpha)
            scores[held] = self._products[np.ix_(held, fit)] @ dual
        return scores

    def fit(self) -> Linear:
        """Return the weights and intercepts of the fit on all rows."""
        dual = solve(self._products.__matmul__, self._targets, self._alpha)
        return self._rows.T @ dual, dual.sum(axis=0)


def _learn(rows: csr_matrix, targets: np.ndarray, *, alpha: float) -> Linear:
    columns = rows.T.tocsr()

    def product(values: np.ndarray) -> np.ndarray:
        return rows @ (columns @ values) + values.sum(axis=0)

    dual = solve(product, targets, alpha)
    return columns @ dual, dual.sum(axis=0)


def solve(product: Product, targets: np.ndarray, alpha: float) -> np.ndarray:
    """Return A (n, k) of (K + alpha I) A = targets, where `product` multiplies K (n, n) by it.

    If K depends on the column, each column has its own system.
    """
    solution = np.zeros_like(targets)
    residual, direction = targets.copy(), targets.copy()
    squares = (residual * residual).sum(axis=0)
    enough = _TOLERANCE**2 * squares
    for _ in range(_MOST_STEPS):
        if (squares <= enough).all():
            break
        moved = product(direction) + np.float32(alpha) * direction
        steps = squares / np.maximum((direction * moved).sum(axis=0), _TINY)
        solution += steps * direction
        residual -= steps * moved
        before, squares = squares, (residual * residual).sum(axis=0)
        direction = residual + squares / np.maximum(before, _TINY) * direction
    return solution


def row_products(rows: csr_matrix) -> np.ndarray:
    """Return the products of all rows (n, n), float32.

    Frequent columns are multiplied as dense blocks, and the others as sparse ones: this is several
    times faster than either.
    """
    count = rows.shape[0]
    columns = rows.tocsc()
    frequent = np.diff(columns.indptr) > _DENSE_SHARE * count
    products = np.zeros((count, count), np.float32)
    dense = np.flatnonzero(frequent)
    for start in range(0, len(dense), _DENSE_COLUMNS):
        block = columns[:, dense[start : start + _DENSE_COLUMNS]].toarray()
        products += block @ block.T
    rare: Any = columns[:, np.flatnonzero(~frequent)].tocsr()
    others = rare.T.tocsr()
    for start in range(0, count, 1024):
        products[start : start + 1024] += (rare[start : start + 1024] @ others).toarray()
    return products


@dataclass(frozen=True)
class RatioRidge:
    """The ridge on log ratios; `C` is its inverse regularization."""

    C: float

    def start(self, rows: csr_matrix, targets: np.ndarray) -> Fits:
        """Return the fits on rows with one-hot targets."""
        return Fits(partial(_learn_ratios, alpha=_PENALTY / self.C), rows, targets)


def _learn_ratios(rows: csr_matrix, targets: np.ndarray, *, alpha: float) -> Linear:
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

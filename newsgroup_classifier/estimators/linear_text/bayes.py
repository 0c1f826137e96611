"""Naive Bayes members, complement and multinomial, fitted on sums of rows per class and fold.

As scikit-learn's ComplementNB (Rennie et al., ICML 2003) and MultinomialNB. Sums are additive, so
the fit without a fold needs no pass over the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csr_matrix

from newsgroup_classifier.estimators.linear_text.members import Fits, Fold, Linear


@dataclass(frozen=True)
class NaiveBayes:
    """A naive Bayes classifier, complement or multinomial, with additive smoothing `alpha`."""

    alpha: float
    complement: bool

    def start(self, rows: csr_matrix, targets: np.ndarray) -> "BayesFits":
        """Return the fits on rows with one-hot targets."""
        learn = _complement if self.complement else _multinomial
        return BayesFits(partial(learn, alpha=self.alpha), rows, targets)


class BayesFits(Fits):
    """The fits of a member that learns from sums of rows and numbers of rows per class."""

    def out_of_fold(self, folds: Sequence[Fold]) -> np.ndarray:
        """Return the scores (n, k) of each row by the fit on the other folds."""
        scores = np.empty_like(self._targets)
        total, counts = self._sums(slice(None))
        for _, held in folds:
            sums, own_counts = self._sums(held)
            np.subtract(total, sums, out=sums)
            # Subtraction leaves rounding errors where nothing is left.
            np.maximum(sums, 0, out=sums)
            weights, intercepts = self._learn(sums, counts - own_counts)
            scores[held] = self._rows[held] @ weights + intercepts
            del sums, weights  # of many classes, these are large
        return scores

    def fit(self) -> Linear:
        """Return the weights and intercepts of the fit on all rows."""
        return self._learn(*self._sums(slice(None)))

    def _sums(self, numbers: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of rows (p, k) and the numbers of rows (k) per class."""
        targets = self._targets[numbers]
        return self._rows[numbers].T @ targets, targets.sum(axis=0)


# Both compute in place, because of many classes these matrices are large.


def _complement(sums: np.ndarray, counts: np.ndarray, *, alpha: float) -> Linear:
    weights = sums.sum(axis=1, keepdims=True) - sums
    weights += np.float32(alpha)
    totals = np.log(weights.sum(axis=0))
    np.log(np.maximum(weights, alpha, out=weights), out=weights)
    np.subtract(totals, weights, out=weights)
    return weights, np.zeros_like(counts)


def _multinomial(sums: np.ndarray, counts: np.ndarray, *, alpha: float) -> Linear:
    weights = sums + np.float32(alpha)
    totals = np.log(weights.sum(axis=0))
    np.log(weights, out=weights)
    weights -= totals
    # A class that only one fold has gets the prior of one row.
    priors = np.log(np.maximum(counts, 1) / max(1.0, float(counts.sum())))
    return weights, priors

"""What the members of a vote have in common, and the folds on which they are compared.

A member is linear: the scores of rows (n, p) are rows @ weights (p, k) + intercepts (k). Folds are
stratified, and by group if there are groups.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedGroupKFold

from newsgroup_classifier.errors import DataError, counted

_FOLDS, _SEED = 3, 0
# Of few rows, a third is much: a model fitted without it is less sure than the final one.
_FEW_ROWS, _FOLDS_OF_FEW_ROWS = 4000, 10
_REPLIES = ("re:", "fw:", "fwd:", "aw:", "wg:")
Fold: TypeAlias = tuple[np.ndarray, np.ndarray]  # numbers of the rows to fit on, and of the others
Linear: TypeAlias = tuple[np.ndarray, np.ndarray]  # weights (p, k) and intercepts (k)
Mix: TypeAlias = Mapping[str, float]  # names of blocks, and the factor of the values of each


class Fits:
    """The fits of a member on labeled rows and on parts of them, each by `learn`.

    `targets` are the labels of the rows as one-hot rows (n, k), or as +1 and -1.
    """

    def __init__(
        self, learn: Callable[[Any, np.ndarray], Linear], rows: csr_matrix, targets: np.ndarray
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


def thread_of(subject: str) -> str:
    """Return a subject in lower case without the marks of replies: the thread of a post."""
    words = subject.lower().split()
    while words and words[0] in _REPLIES:
        del words[0]
    return " ".join(words)


def vote_folds(labels: np.ndarray, groups: Sequence[str] | None = None) -> list[Fold]:
    """Return the folds of labels 0, 1, ...; raise DataError if a single group has all rows.

    The rows of a group are in one fold. A class with fewer rows or groups than there are folds is
    missing from the rows of some folds.
    """
    count = _FOLDS if len(labels) >= _FEW_ROWS else _FOLDS_OF_FEW_ROWS
    if groups is not None:
        return group_folds(labels, count, groups)
    # Not StratifiedKFold, which needs a row of some class in each fold, and warns of other classes.
    order = np.random.default_rng(_SEED).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold_of = np.empty(len(labels), np.int64)
    fold_of[order] = np.arange(len(labels)) % count
    numbers = range(min(count, len(labels)))
    return [(np.flatnonzero(fold_of != each), np.flatnonzero(fold_of == each)) for each in numbers]


def group_folds(
    labels: Sequence[int] | np.ndarray, count: int, groups: Sequence[str]
) -> list[Fold]:
    """Return at most `count` folds that keep each group together; groups are compared as threads.

    A row with an empty group is a group of its own.

    Raises DataError if there are too few groups or rows for two folds.
    """
    threads = [thread_of(group) or f"\0{row}" for row, group in enumerate(groups)]
    # scikit-learn needs one class with a row for each fold.
    count = min(count, len(set(threads)), int(np.bincount(labels).max()))
    if count < 2:
        raise DataError(
            f"the train channel has {counted(len(set(threads)), 'group')} of rows in the column "
            "data_subject, and grouped=yes needs two groups and two rows of a label. Upload more "
            "rows, or use grouped=no."
        )
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=_SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of classes with fewer rows than folds
        return list(splitter.split(np.zeros(len(labels)), labels, threads))

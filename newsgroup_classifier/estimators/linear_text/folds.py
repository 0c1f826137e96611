"""The folds on which members are compared: stratified, and by group if there are groups."""

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from newsgroup_classifier.errors import DataError, counted
from newsgroup_classifier.estimators.linear_text.members import Fold

_FOLDS, _SEED = 3, 0
# Of few rows, a third is much: a model fitted without it is less sure than the final one.
_FEW_ROWS, _FOLDS_OF_FEW_ROWS = 4000, 10
_REPLIES = ("re:", "fw:", "fwd:", "aw:", "wg:")


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

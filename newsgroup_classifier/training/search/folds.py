"""The folds on which candidates are compared, and the smaller ones of successive halving."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import resample

from newsgroup_classifier.errors import DataError, HyperparameterError, counted
from newsgroup_classifier.estimators.linear_text.folds import group_folds
from newsgroup_classifier.training.groups import Groups

Split = tuple[np.ndarray, np.ndarray]  # numbers of the rows to fit on, and of those to score
_SEED = 0


def stratified_folds(labels: Sequence[int], folds: int, groups: Groups = None) -> list[Split]:
    """Return the splits; raise DataError if a label has fewer rows than there are folds.

    The rows of a group are in one fold.
    """
    if folds < 2:
        raise HyperparameterError(
            f"hyperparameter folds is {folds}; expected 2 or more to compare candidates, such as 5"
        )
    counts = Counter(labels)
    rarest = min(counts, key=lambda label: (counts[label], label))
    if counts[rarest] < folds:
        raise DataError(
            f"the train channel has {counted(counts[rarest], 'row')} with label {rarest}, and "
            f"there are {folds} folds; expected a row of every label in each fold. Upload more "
            "such rows, drop the label, or lower folds."
        )
    if groups is not None:
        return list(group_folds(labels, folds, groups))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=_SEED)
    return list(splitter.split(np.zeros(len(labels)), labels))


def part_of(splits: Sequence[Split], share: float) -> list[Split]:
    """Return a share of the rows of each split, drawn like in HalvingGridSearchCV."""

    def draw(rows: np.ndarray) -> np.ndarray:
        count = max(1, int(share * len(rows)))  # a fold of few groups may have few rows
        drawn: np.ndarray = resample(rows, replace=False, random_state=_SEED, n_samples=count)
        return drawn

    return [(draw(train), draw(test)) for train, test in splits]


def check_parts(splits: Sequence[Split], labels: Sequence[int], rows: int) -> None:
    """Raise DataError if the rows to fit on in a split have only one label."""
    for train, _ in splits:
        if len({labels[row] for row in train}) < 2:
            raise DataError(
                f"search=halving draws {rows} rows for a round, and a fold of them has only one "
                "label; expected two or more. Upload more rows of the rare labels, or use "
                "search=grid."
            )

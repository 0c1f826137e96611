"""The folds on which candidates are compared, their groups, and the rounds of successive halving.

The groups of rows, such as threads, are those that folds keep together.

Halving compares many candidates on few rows, then the best third on three times the rows. The
rounds are the same as in scikit-learn's HalvingGridSearchCV with factor 3 and no aggressive
elimination (sklearn/model_selection/_search_successive_halving.py; Karnin, Koren and Somekh,
"Almost optimal exploration in multi-armed bandits", ICML 2013).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import resample
from sklearn.utils.validation import has_fit_parameter

from newsgroup_classifier.errors import DataError, HyperparameterError, counted
from newsgroup_classifier.estimators.linear_text.members import group_folds
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.shared_hyperparameters import GROUPED, YES

Groups = Sequence[str] | None
Split = tuple[np.ndarray, np.ndarray]  # numbers of the rows to fit on, and of those to score
_SEED = 0
FACTOR = 3
_ROWS_PER_FOLD = 2  # per label in the first round, on average


def groups_of(subjects: Sequence[str], hyperparameters: Hyperparameters) -> Groups:
    """Return the group of each row of a channel, its data_subject, or None without grouped=yes."""
    return subjects if hyperparameters.get(GROUPED) == YES else None


def group_parameters(steps: Sequence[tuple[str, Any]], groups: Groups) -> dict[str, Any]:
    """Return the parameters of a pipeline's fit for those steps that compare models on groups."""
    return {f"{name}__groups": groups for name, step in steps if own_groups(step, groups)}


def own_groups(step: Any, groups: Groups) -> dict[str, Any]:
    """Return the parameter of a step's own fit, if the step compares models on groups."""
    takes_groups = groups is not None and hasattr(step, "fit") and has_fit_parameter(step, "groups")
    return {"groups": groups} if takes_groups else {}


@dataclass(frozen=True)
class Round:
    """The numbers of candidates and of rows in a round."""

    candidates: int
    rows: int


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


def halving_rounds(candidates: int, rows: int, folds: int, labels: int) -> list[Round]:
    """Return the rounds, of which the last has nearly all rows.

    Raises DataError if there are too few rows for the first round.
    """
    least = _ROWS_PER_FOLD * folds * labels
    if least > rows:
        raise DataError(
            f"the train channel has {rows} rows, and search=halving starts with at least {least}: "
            f"{_ROWS_PER_FOLD} for each of {labels} labels in each of {folds} folds. Upload more "
            "rows, lower folds, or use search=grid."
        )
    wanted = 1 + floor(log(candidates, FACTOR))
    first = max(least, rows // FACTOR ** (wanted - 1))
    possible = 1 + floor(log(rows // first, FACTOR))
    rounds = []
    for number in range(min(possible, wanted)):
        rounds.append(Round(candidates, min(first * FACTOR**number, rows)))
        candidates = ceil(candidates / FACTOR)
    return rounds


def survivors(means: Sequence[float], keep: int) -> list[int]:
    """Return the indices of the `keep` best means, the best one last."""
    # The same sort as in scikit-learn decides between equal means.
    return [int(index) for index in np.argsort(np.asarray(means))[-keep:]]

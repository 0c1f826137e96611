"""Successive halving: many candidates on few rows, then the best third on three times the rows.

The rounds are the same as in scikit-learn's HalvingGridSearchCV with factor 3 and no aggressive
elimination (sklearn/model_selection/_search_successive_halving.py; Karnin, Koren and Somekh,
"Almost optimal exploration in multi-armed bandits", ICML 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np

from newsgroup_classifier.errors import DataError

FACTOR = 3
_ROWS_PER_FOLD = 2  # per label in the first round, on average


@dataclass(frozen=True)
class Round:
    """The numbers of candidates and of rows in a round."""

    candidates: int
    rows: int


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

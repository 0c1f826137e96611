"""Successive halving: many candidates on few rows, then the best third on three times as many.

The rounds are those of scikit-learn's HalvingGridSearchCV with factor 3 and no aggressive
elimination (sklearn/model_selection/_search_successive_halving.py; Karnin, Koren and Somekh,
"Almost optimal exploration in multi-armed bandits", ICML 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np

from newsgroup_classifier.errors import DataError

FACTOR = 3
_LEAST_A_FOLD = 2  # rows of each label in each fold, on average, of the first round


@dataclass(frozen=True)
class Round:
    """How many candidates are compared in a round, and on how many rows."""

    candidates: int
    rows: int


def halving_rounds(candidates: int, rows: int, folds: int, labels: int) -> list[Round]:
    """Return the rounds; the first has as few rows as lets the last one have nearly all.

    Raises DataError if there are too few rows for a first round.
    """
    least = _LEAST_A_FOLD * folds * labels
    if least > rows:
        raise DataError(
            f"the train channel has {rows} rows, and search halving begins with {least} at least: "
            f"{_LEAST_A_FOLD} for each of {labels} labels in each of {folds} folds. Upload more "
            "rows, lower folds, or search the whole grid."
        )
    wanted = 1 + floor(log(candidates, FACTOR))
    first = max(least, rows // FACTOR ** (wanted - 1))
    possible = 1 + floor(log(rows // first, FACTOR))
    found = []
    for number in range(min(possible, wanted)):
        found.append(Round(candidates, min(first * FACTOR**number, rows)))
        candidates = ceil(candidates / FACTOR)
    return found


def survivors(means: Sequence[float], keep: int) -> list[int]:
    """Return the places of the best means, the best one last."""
    # As scikit-learn has it: which of equal ones goes on is up to the same sort.
    return [int(place) for place in np.argsort(np.asarray(means))[-keep:]]

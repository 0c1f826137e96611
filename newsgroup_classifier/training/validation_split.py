"""Which rows of the train channel are trained on, and which are held back to validate with."""

from collections.abc import Sequence

import numpy as np

from newsgroup_classifier.errors import DataError


def balanced(labels: Sequence[int], seed: int) -> np.ndarray:
    """Return the numbers of rows that leave each class as many as the smallest has."""
    every = np.asarray(labels)
    random = np.random.default_rng(seed)
    classes = [np.flatnonzero(every == label) for label in np.unique(every)]
    smallest = min(len(rows) for rows in classes)
    return np.sort(np.concatenate([random.permutation(rows)[:smallest] for rows in classes]))


def split_by_class(labels: Sequence[int], share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and to validate with: of each class the same share."""
    every = np.asarray(labels)
    random = np.random.default_rng(seed)
    held = np.zeros(len(every), dtype=bool)
    for label in np.unique(every):
        rows = random.permutation(np.flatnonzero(every == label))
        # The only row of a class is one to learn from.
        held[rows[: min(len(rows) - 1, round(share * len(rows)))]] = True
    return _checked(every, held, share)


def split_by_group(
    labels: Sequence[int], groups: Sequence[str], share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and to validate with: whole groups, about `share` of all rows.

    A row without a group is one of its own.
    """
    names = [name or f"\0{number}" for number, name in enumerate(groups)]
    _, numbers, sizes = np.unique(names, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    before = np.cumsum(sizes[order]) - sizes[order]
    held = np.isin(numbers, order[before < share * len(names)])
    return _checked(np.asarray(labels), held, share)


def _checked(labels: np.ndarray, held: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    lost = sorted(set(labels.tolist()) - set(labels[~held].tolist()))
    if lost or not held.any():
        what = f"label {lost[0]} would have no row to train on" if lost else "it would be none"
        raise DataError(
            f"the train channel has too few rows ({len(labels)}) to hold back a share of {share:g} "
            f"for validation: {what}. Upload more rows or change validation_split."
        )
    return np.flatnonzero(~held), np.flatnonzero(held)

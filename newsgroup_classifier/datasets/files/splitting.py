"""Draw the rows to test with: about the same share of each class, in whole groups."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SEED = 0


def draw_test_rows(labels: NDArray[Any], groups: NDArray[Any], share: float) -> NDArray[np.bool_]:
    """Return which of n rows are for testing: about `share` of each class, at least one row.

    Groups are taken in random order as long as they fit into the shares of the classes of their
    rows, and leave a row of every class to train on; single rows fill the rest. So a class may fall
    short of its share, and a class that is a single group has no row to test with.
    """
    random = np.random.default_rng(_SEED)
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    train = np.bincount(labels)
    room = np.maximum(1, np.round(train * share)).astype(int)
    drawn = np.zeros(len(labels), dtype=bool)
    order = np.argsort(numbers, kind="stable").astype(np.int32)
    ends = np.cumsum(sizes)
    for group in random.permutation(np.flatnonzero(sizes > 1)):
        rows = order[ends[group] - sizes[group] : ends[group]]
        counts = np.bincount(labels[rows], minlength=len(train))
        if (counts <= np.minimum(room, np.maximum(train - 1, 0))).all():
            drawn[rows] = True
            room -= counts
            train -= counts
    singles = random.permutation(order[ends[sizes == 1] - 1])
    singles = singles[np.argsort(labels[singles], kind="stable")]
    counts = np.bincount(labels[singles], minlength=len(train))
    places = np.arange(len(singles)) - np.repeat(np.cumsum(counts) - counts, counts)
    drawn[singles[places < np.minimum(room, train - 1)[labels[singles]]]] = True
    return drawn

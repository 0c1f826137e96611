"""Draw the test channel of a data set that has no split of its own: always the same rows.

The draw is stratified: both parts hold the same share of each label.
"""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

TEST_SHARE = 0.2
MIN_ROWS = 3  # per label: the fewest of which a fifth rounds to one row
_SEED = 0
_Row = TypeVar("_Row")


def partition(rows: Sequence[_Row], drawn: set[int]) -> tuple[list[_Row], list[_Row]]:
    """Return the rows to train on and the drawn rows to test with, both in their order."""
    train = [row for number, row in enumerate(rows) if number not in drawn]
    return train, [rows[number] for number in sorted(drawn)]


def draw_rows(labels: Sequence[int]) -> set[int]:
    """Return the numbers of the test rows: a fifth of the rows of each label."""
    rng = random.Random(_SEED)  # noqa: S311 - not for security
    members: dict[int, list[int]] = {label: [] for label in range(max(labels, default=-1) + 1)}
    for number, label in enumerate(labels):
        members[label].append(number)
    drawn: set[int] = set()
    for numbers in members.values():
        drawn.update(rng.sample(numbers, round(len(numbers) * TEST_SHARE)))
    return drawn


def draw_groups(labels: Sequence[int], groups: Sequence[str]) -> set[int]:
    """Return the numbers of the test rows: about a fifth of each label's, in whole groups.

    A group counts toward the label of its first row. Groups are taken in random order as long as
    they fit, so a label may fall short of a fifth by less than its smallest remaining group.
    """
    rng = random.Random(_SEED)  # noqa: S311 - not for security
    members: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    drawn: set[int] = set()
    for label in range(max(labels, default=-1) + 1):
        own = [numbers for numbers in members.values() if labels[numbers[0]] == label]
        room = round(sum(map(len, own)) * TEST_SHARE)
        for numbers in rng.sample(own, len(own)):
            if len(numbers) <= room:
                drawn.update(numbers)
                room -= len(numbers)
    return drawn


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

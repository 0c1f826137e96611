"""Draw the test channel of a data set that is published without a split: always the same fifth.

The draw is stratified: both parts hold the same share of each label.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

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

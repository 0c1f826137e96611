"""How often each known item occurs in each text, text by text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Group:
    """Some texts with known items: their numbers, and where each begins in columns and values."""

    rows: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Counts:
    """Sparse counts of shape (rows, columns): `ends[i]` is where text i ends in the other two."""

    columns: np.ndarray
    values: np.ndarray
    ends: np.ndarray

    @property
    def rows(self) -> int:
        """The number of texts."""
        return len(self.ends)

    def groups(self, most: int) -> Iterator[Group]:
        """Yield all texts but the empty ones in groups of at most `most` items, or of one text."""
        starts = np.concatenate(([0], self.ends[:-1]))
        rows = np.flatnonzero(self.ends > starts)
        first = 0
        while first < len(rows):
            start = starts[rows[first]]
            last = max(first + 1, int(np.searchsorted(self.ends[rows], start + most, "right")))
            members, end = rows[first:last], self.ends[rows[last - 1]]
            yield Group(
                members, starts[members] - start, self.columns[start:end], self.values[start:end]
            )
            first = last


def count(found: Sequence[Sequence[int]]) -> Counts:
    """Return the counts of the items found in each of n texts."""
    columns: list[int] = []
    values: list[int] = []
    ends = []
    for items in found:
        counted: dict[int, int] = {}
        for item in items:
            counted[item] = counted.get(item, 0) + 1
        columns.extend(counted)
        values.extend(counted.values())
        ends.append(len(columns))
    return Counts(
        np.array(columns, np.int64), np.array(values, np.float64), np.array(ends, np.int64)
    )

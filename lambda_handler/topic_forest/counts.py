"""Counts of each known word in each text, as scikit-learn's count vectorizer finds them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lambda_handler.npz import Members

_WORD = re.compile(r"(?u)\b\w\w+\b")


@dataclass(frozen=True)
class Group:
    """Texts with known items: their row numbers, and the start of each in columns and values."""

    rows: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Counts:
    """Sparse counts of shape (rows, columns); `ends[i]` is the end of text i in the others."""

    columns: np.ndarray
    values: np.ndarray
    ends: np.ndarray

    @property
    def rows(self) -> int:
        """The number of texts."""
        return len(self.ends)

    def groups(self, limit: int) -> Iterator[Group]:
        """Yield all texts that are not empty in groups of one text or of at most `limit` items."""
        starts = np.concatenate(([0], self.ends[:-1]))
        rows = np.flatnonzero(self.ends > starts)
        first = 0
        while first < len(rows):
            start = starts[rows[first]]
            last = max(first + 1, int(np.searchsorted(self.ends[rows], start + limit, "right")))
            members, end = rows[first:last], self.ends[rows[last - 1]]
            yield Group(
                members, starts[members] - start, self.columns[start:end], self.values[start:end]
            )
            first = last


def count_items(texts: Sequence[Sequence[int]]) -> Counts:
    """Return the counts of the items of n texts."""
    columns: list[int] = []
    values: list[int] = []
    ends = []
    for items in texts:
        counts: dict[int, int] = {}
        for item in items:
            counts[item] = counts.get(item, 0) + 1
        columns.extend(counts)
        values.extend(counts.values())
        ends.append(len(columns))
    return Counts(
        np.array(columns, np.int64), np.array(values, np.float64), np.array(ends, np.int64)
    )


@dataclass(frozen=True)
class Forms:
    """The column of every word whose lemma is in the vocabulary; other words are ignored."""

    columns: dict[str, int]

    def count(self, texts: Sequence[str]) -> Counts:
        """Count the lemmas of texts."""
        columns = self.columns
        return count_items(
            [
                [columns[word] for word in _WORD.findall(text.lower()) if word in columns]
                for text in texts
            ]
        )


def load_forms(arrays: Members) -> Forms:
    """Return the forms of a model file; raise KeyError for an array that it lacks."""
    forms, columns = arrays["forms"], arrays["form_columns"].tolist()
    return Forms(dict(zip(forms.tobytes().decode().split("\n"), columns, strict=True)))

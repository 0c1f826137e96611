"""Learn the n-grams of texts, and weigh those of other texts by them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from newsgroup_classifier.hashed_text.blocks import Block
from newsgroup_classifier.hashed_text.counting import Counts, count_grams
from newsgroup_classifier.hashed_text.grams import group

_ZERO = np.zeros(1, np.int64)
_LOGS = 1.0 + np.log(np.arange(1, 1025))


@dataclass(frozen=True)
class Rows:
    """Rows in compressed form, as scipy.sparse.csr_array((data, indices, indptr)) takes them.

    `data` is float32 and `indices` int32, sorted within a row; `indptr` is int64 (rows + 1).
    """

    data: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that a block knows, and the weights of texts by them.

    `keys` (uint64) are sorted, and `frequencies` (int64) are the numbers of the `texts` learned
    from that have each of them. `mean_length` is the mean number of n-grams of a text, for BM25.
    A row is scaled to length 1. If `rest_idf` is 0, the length is that of the known n-grams alone,
    as with TfidfVectorizer. Otherwise all other n-grams count in it with this inverse document
    frequency.
    """

    block: Block
    keys: np.ndarray
    frequencies: np.ndarray
    texts: int
    mean_length: float
    rest_idf: float = 0.0

    @cached_property
    def _levels(self) -> np.ndarray:
        """The inverse document frequency by document frequency."""
        most = int(self.frequencies.max(initial=0))
        return 1.0 + np.log((1 + self.texts) / (1 + np.arange(most + 1)))

    @property
    def idf(self) -> np.ndarray:
        """The inverse document frequency of each n-gram."""
        return self._levels[self.frequencies]

    def keep(self, places: np.ndarray, rest_idf: float = 0.0) -> "Vocabulary":
        """Return the vocabulary of some of its n-grams, given by their sorted places."""
        keys, frequencies = self.keys[places], self.frequencies[places]
        return Vocabulary(self.block, keys, frequencies, self.texts, self.mean_length, rest_idf)

    def weigh(self, texts: Sequence[str]) -> Rows:
        """Return the rows of texts."""
        parts = [
            self._rows(counts, find_places(self.keys, counts.keys))
            for counts in count_grams(self.block, texts)
        ]
        return parts[0] if len(parts) == 1 else _join(parts, sum(len(part.data) for part in parts))

    def _rows(self, counts: Counts, places: np.ndarray) -> Rows:
        """Return the rows of counted texts; `places` are those of the keys of the counts."""
        starts = counts.indptr[:-1]
        sizes = counts.indptr[1:] - starts
        columns = places[counts.columns]
        known = columns < len(self.keys)
        all_known = bool(known.all())
        if all_known:
            values = self._levels[self.frequencies[columns]]
        else:
            values = np.full(len(columns), self.rest_idf)
            values[known] = self._levels[self.frequencies[columns[known]]]
        lengths = _repeat(_sums(counts.counts, starts, sizes), sizes) if self.block.k1 else _ZERO
        values *= self.dampen(counts.counts, lengths)
        scale_rows(values, starts, sizes)
        indptr = counts.indptr
        if not all_known:
            indptr = np.concatenate((_ZERO, np.cumsum(known)))[indptr]
            values, columns = values[known], columns[known]
        return Rows(values.astype(np.float32), columns.astype(np.int32), indptr)

    def dampen(self, counts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return the factors of counts in texts of these lengths, which only BM25 uses."""
        k1, b = self.block.k1, self.block.b
        if not k1:
            return log_counts(counts)
        room = k1 * (1 - b + b * (lengths / (self.mean_length or 1.0)))
        return counts * (k1 + 1) / (counts + room)


def learn(block: Block, texts: Sequence[str]) -> tuple[Vocabulary, Rows]:
    """Return the n-grams that enough of the texts have, and the rows of the texts by them."""
    chunks = list(count_grams(block, texts))
    keys, order, groups = group(np.concatenate([chunk.keys for chunk in chunks]))
    places = np.empty(len(groups), np.int64)
    places[order] = groups
    parts = np.split(places, np.cumsum([len(chunk.keys) for chunk in chunks])[:-1])
    frequencies, length = np.zeros(len(keys), np.int64), 0.0
    for chunk, own in zip(chunks, parts, strict=True):
        frequencies[own] += np.bincount(chunk.columns, minlength=len(own))
        length += float(chunk.counts.sum())
    enough = frequencies >= block.min_df
    vocabulary = Vocabulary(
        block, keys[enough], frequencies[enough], len(texts), length / max(1, len(texts))
    )
    renumbered = np.where(enough, np.cumsum(enough) - 1, len(vocabulary.keys))
    chunks.reverse()  # to free each when its rows are made
    size = int(vocabulary.frequencies.sum())
    return vocabulary, _join(
        (vocabulary._rows(chunks.pop(), renumbered[own]) for own in parts), size
    )


def log_counts(counts: np.ndarray) -> np.ndarray:
    """Return 1 + log n for each count n, from 1 on."""
    most = int(counts.max(initial=0))
    logs = _LOGS if most <= len(_LOGS) else 1.0 + np.log(np.arange(1, most + 1))
    return logs[counts - 1]


def find_places(known: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return the places of sorted keys among known ones, and the number of those for others."""
    places = known.searchsorted(keys)
    if len(known):
        places[known[np.minimum(places, len(known) - 1)] != keys] = len(known)
    return places


def scale_rows(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> None:
    """Scale each run of values to length 1, in place."""
    norms = np.sqrt(_sums(values * values, starts, sizes))
    norms[norms == 0] = 1.0
    values /= _repeat(norms, sizes)


def _sums(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the sum of each run of values; each is the same as that of the run by itself."""
    if sizes.all() and len(sizes):
        return np.add.reduceat(values, starts)
    sums = np.zeros(len(starts), values.dtype)
    if len(values):
        filled = sizes > 0
        sums[filled] = np.add.reduceat(values, starts[filled])
    return sums


def _repeat(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return each value as often as its size; one value alone is broadcast."""
    return values if len(values) == 1 else np.repeat(values, sizes)


def _join(parts: Iterable[Rows], size: int) -> Rows:
    """Return the rows of all parts, which have `size` values together."""
    data, indices = np.empty(size, np.float32), np.empty(size, np.int32)
    ends, last = [_ZERO], 0
    for part in parts:
        first, last = last, last + len(part.data)
        data[first:last], indices[first:last] = part.data, part.indices
        ends.append(part.indptr[1:] + first)
    return Rows(data, indices, np.concatenate(ends))

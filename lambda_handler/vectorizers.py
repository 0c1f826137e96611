"""A linear model on n-grams that are weighted as scikit-learn's vectorizers do it.

A block is the features of one vectorizer. Its entry in the manifest's `blocks` has the parameters
of the vectorizer. Block i has the arrays terms_i and term_lengths_i (in characters) unless its
columns are hashes, idf_i if terms have weights, and for words stop_words_i and stop_word_lengths_i.
`weights` (features, labels) and `intercepts` (labels) are those of the classifier.
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lambda_handler.npz import Members
from newsgroup_classifier.explanations.explanation import fractions
from newsgroup_classifier.explanations.words import HIDDEN, Spans, hide_each

_SPACES = re.compile(r"\s\s+")
_MASK = 0xFFFFFFFF
Grams = Callable[[str], Iterator[str]]


def strip_accents(text: str, kind: str) -> str:
    """Return a text as it is (""), without combining characters, or without others than ASCII."""
    if not kind or text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text)
    if kind == "ascii":
        return text.encode("ascii", "ignore").decode("ascii")
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def word_grams(pattern: str, lengths: range, stop_words: Collection[str]) -> Grams:
    """Return a function from texts to n-grams of the words that match a pattern."""
    find = re.compile(pattern).findall

    def grams(text: str) -> Iterator[str]:
        words = [word for word in find(text) if word not in stop_words]
        for length in lengths:
            for at in range(len(words) - length + 1):
                yield " ".join(words[at : at + length])

    return grams


def char_grams(lengths: range, within_words: bool) -> Grams:
    """Return a function from texts to n-grams of characters, or of words padded with spaces."""

    def grams(text: str) -> Iterator[str]:
        parts = [f" {word} " for word in text.split()] if within_words else [_SPACES.sub(" ", text)]
        for part in parts:
            for length in lengths:
                if within_words and length >= len(part):  # a short word counts once
                    yield part
                    break
                for at in range(len(part) - length + 1):
                    yield part[at : at + length]

    return grams


def murmur3(data: bytes) -> int:
    """Return the signed 32-bit MurmurHash3 (x86, seed 0) of bytes."""
    value, whole = 0, len(data) & ~3
    for (block,) in struct.iter_unpack("<I", data[:whole]):
        value = _rotated(value ^ _mixed(block), 13) * 5 + 0xE6546B64 & _MASK
    value ^= _mixed(int.from_bytes(data[whole:], "little")) ^ len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & _MASK
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK
    value ^= value >> 16
    return value - (value >> 31 << 32)


def _mixed(block: int) -> int:
    return _rotated(block * 0xCC9E2D51 & _MASK, 15) * 0x1B873593 & _MASK


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _MASK


@dataclass(frozen=True)
class Block:
    """The features of one vectorizer, with the parameters of its entry.

    They begin at the column `first` of the model. `columns` is None if they are hashes.
    """

    entry: dict[str, Any]
    grams: Grams
    columns: dict[str, int] | None
    idf: np.ndarray | None
    first: int
    size: int

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of the model that a text has, and their values."""
        counts = self._count(self._cut(text), self.entry["signed"])
        columns = np.fromiter(counts, np.int64, len(counts))
        return columns + self.first, self._weighted(columns, np.array([*counts.values()], float))

    def word_features(self, text: str, hidden: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of a text, and the share of each word in their values (words, m).

        `hidden` are the texts of `hide_each`.
        """
        columns, values = self.features(text)
        places = (columns - self.first).tolist()
        table = np.empty((len(hidden) + 1, len(places)))
        for row, each in zip(table, (text, *hidden), strict=True):
            grams = (gram for gram in self._cut(each) if HIDDEN not in gram)
            counts = self._count(grams, signed=False)
            row[:] = [counts.get(at, 0.0) for at in places]
        return columns, fractions(table[0], table[1:]) * values

    def _cut(self, text: str) -> Iterable[str]:
        text = text.lower() if self.entry["lowercase"] else text
        return self.grams(strip_accents(text, self.entry["accents"]))

    def _count(self, grams: Iterable[str], signed: bool) -> dict[int, float]:
        counts: dict[int, float] = {}
        for gram in grams:
            if self.columns is None:
                value = murmur3(gram.encode())
                column, step = abs(value) % self.size, 1.0
                if value < 0 and signed:
                    step = -1.0
                counts[column] = counts.get(column, 0.0) + step
            elif (known := self.columns.get(gram)) is not None:
                counts[known] = counts.get(known, 0.0) + 1.0
        return counts

    def _weighted(self, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
        if self.entry["binary"]:
            values = np.ones(len(values))
        if self.entry["sublinear"]:
            values = np.log(values) + 1.0
        if self.idf is not None:
            values = values * self.idf[columns]
        if self.entry["norm"]:
            l2 = self.entry["norm"] == "l2"
            length = np.sqrt(values @ values) if l2 else np.abs(values).sum()
            values = values / (length or 1.0)
        return values * self.entry["weight"]


@dataclass(frozen=True)
class LinearModel:
    """Blocks of features, and the weights of a linear classifier on all of them.

    One score `versus` the rest is the log odds of a label by itself; otherwise, all scores are
    those of a softmax.
    """

    blocks: tuple[Block, ...]
    weights: np.ndarray
    intercepts: np.ndarray
    versus: bool

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts, of shape (n, n labels)."""
        scores = np.stack([self._score(text) for text in texts]) + self.intercepts
        if not self.versus:
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            return odds / odds.sum(axis=1, keepdims=True)
        parts = np.exp(-np.logaddexp(0.0, -scores))
        parts[parts.sum(axis=1) == 0] = 1.0  # as scikit-learn does
        return parts / parts.sum(axis=1, keepdims=True)

    def explain(self, text: str) -> tuple[Spans, np.ndarray]:
        """Return the words of a text, and the scores of the text, of each word, and of the base."""
        spans, hidden = hide_each(text)
        words = np.zeros((len(spans), self.weights.shape[1]))
        for block in self.blocks:
            columns, values = block.word_features(text, hidden)
            words += values @ self.weights[columns]
        whole = self._score(text) + self.intercepts
        return spans, np.vstack([whole, words, self.intercepts])

    def _score(self, text: str) -> np.ndarray:
        total = np.zeros(self.weights.shape[1])
        for block in self.blocks:
            columns, values = block.features(text)
            total += values @ self.weights[columns]
        return total


def load_linear(manifest: dict[str, Any], arrays: Members) -> LinearModel:
    """Return the model of a file; raise KeyError for what it lacks."""
    blocks: list[Block] = []
    for place, entry in enumerate(manifest["blocks"]):
        first = blocks[-1].first + blocks[-1].size if blocks else 0
        blocks.append(_load_block(entry, arrays, f"_{place}", first))
    weights, intercepts = arrays["weights"], arrays["intercepts"]
    return LinearModel(tuple(blocks), weights, intercepts, manifest["versus"])


def _load_block(entry: dict[str, Any], arrays: Members, suffix: str, first: int) -> Block:
    columns, size = None, entry["hashed"]
    if not size:
        terms = _texts(arrays, f"terms{suffix}", f"term_lengths{suffix}")
        columns, size = dict(zip(terms, range(len(terms)), strict=True)), len(terms)
    idf = arrays[f"idf{suffix}"] if entry["idf"] else None
    return Block(entry, _grams(entry, arrays, suffix), columns, idf, first, size)


def _grams(entry: dict[str, Any], arrays: Members, suffix: str) -> Grams:
    lengths = range(entry["shortest"], entry["longest"] + 1)
    if entry["analyzer"] != "word":
        return char_grams(lengths, entry["analyzer"] == "char_wb")
    stop_words = _texts(arrays, f"stop_words{suffix}", f"stop_word_lengths{suffix}")
    return word_grams(entry["pattern"], lengths, frozenset(stop_words))


def _texts(arrays: Members, name: str, lengths_name: str) -> list[str]:
    """Return the texts that are joined in one array and have the lengths in another."""
    joined = arrays[name].tobytes().decode()
    ends = np.cumsum(arrays[lengths_name], dtype=np.int64).tolist()
    return [joined[start:end] for start, end in zip([0, *ends], ends, strict=False)]

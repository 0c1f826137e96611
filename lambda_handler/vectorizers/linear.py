"""A linear model on n-grams that are weighted as scikit-learn's vectorizers do it.

A block is the features of one vectorizer. Its entry in the manifest's `blocks` has the parameters
of the vectorizer. Block i has the arrays terms_i and term_lengths_i (in characters) unless its
columns are hashes, idf_i if terms have weights, and for words stop_words_i and stop_word_lengths_i.
`weights` (features, labels) and `intercepts` (labels) are those of the classifier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lambda_handler.checks import check_length, check_range, decode_text, get_array, get_number
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members
from lambda_handler.vectorizers.analyzers import (
    Grams,
    char_grams,
    murmur3,
    strip_accents,
    word_grams,
)
from newsgroup_classifier.explanations.explanation import fractions
from newsgroup_classifier.explanations.words import HIDDEN, Spans, hide_each
from newsgroup_classifier.hashed_text.token_patterns import is_linear

_MOST_BLOCKS, _LONGEST, _MAX = 16, 32, 1e9
_CHOICES: dict[str, tuple[Any, ...]] = {
    "analyzer": ("word", "char", "char_wb"),
    "accents": ("", "ascii", "unicode"),
    "norm": ("", "l1", "l2"),
    **dict.fromkeys(("lowercase", "binary", "sublinear", "signed", "idf"), (False, True)),
}


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


def load_linear(manifest: dict[str, Any], arrays: Members, labels: int) -> LinearModel:
    """Return the model of a file; raise ModelError if it is invalid."""
    entries = manifest.get("blocks")
    if not isinstance(entries, list) or not 0 < len(entries) <= _MOST_BLOCKS:
        raise ModelError(f"the model's manifest lacks the list blocks, of 1 to {_MOST_BLOCKS}")
    weights, intercepts = (
        get_array(arrays, "weights", "f", 2),
        get_array(arrays, "intercepts", "f", 1),
    )
    check_range(weights, -_MAX, _MAX, "weights")
    check_range(intercepts, -_MAX, _MAX, "intercepts")
    check_length(weights.shape[1], labels, "weights' rows")
    check_length(len(intercepts), labels, "intercepts")
    blocks: list[Block] = []
    for place, entry in enumerate(entries):
        first = blocks[-1].first + blocks[-1].size if blocks else 0
        blocks.append(_load_block(entry, arrays, f"_{place}", first))
    check_length(len(weights), blocks[-1].first + blocks[-1].size, "weights")
    versus = _choice(manifest, "versus", (False, True))
    return LinearModel(tuple(blocks), weights, intercepts, versus)


def _load_block(entry: Any, arrays: Members, suffix: str, first: int) -> Block:
    if not isinstance(entry, dict):
        raise ModelError(f"block {suffix[1:]} of the model's manifest is not an object")
    for name, choices in _CHOICES.items():
        _choice(entry, name, choices)
    get_number(entry, "weight", -_MAX, _MAX)
    if entry["signed"] and entry["sublinear"]:
        raise ModelError("a block of the model's manifest takes logarithms of signed counts")
    columns, size = None, int(get_number(entry, "hashed", 0, 2**31 - 1))
    if not size:
        terms = _texts(arrays, f"terms{suffix}", f"term_lengths{suffix}")
        columns, size = dict(zip(terms, range(len(terms)), strict=True)), len(terms)
    idf = None
    if entry["idf"]:
        idf = get_array(arrays, f"idf{suffix}", "f", 1)
        check_range(idf, 0, _MAX, f"idf{suffix}")
        check_length(len(idf), size, f"idf{suffix}")
    return Block(entry, _grams(entry, arrays, suffix), columns, idf, first, size)


def _grams(entry: dict[str, Any], arrays: Members, suffix: str) -> Grams:
    lowest = int(get_number(entry, "shortest", 1, _LONGEST))
    lengths = range(lowest, int(get_number(entry, "longest", lowest, _LONGEST)) + 1)
    if entry["analyzer"] != "word":
        return char_grams(lengths, entry["analyzer"] == "char_wb")
    pattern = entry.get("pattern")
    if not isinstance(pattern, str) or not is_linear(pattern):
        raise ModelError("a block of the model's manifest has no token pattern that is supported")
    stop_words = _texts(arrays, f"stop_words{suffix}", f"stop_word_lengths{suffix}")
    return word_grams(pattern, lengths, frozenset(stop_words))


def _texts(arrays: Members, name: str, lengths_name: str) -> list[str]:
    """Return the texts that are joined in one array and have the lengths in another."""
    joined = decode_text(get_array(arrays, name, "u", 1), name)
    ends = np.cumsum(get_array(arrays, lengths_name, "u", 1), dtype=np.int64).tolist()
    check_length(len(joined), ends[-1] if ends else 0, lengths_name)
    return [joined[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _choice(entry: dict[str, Any], name: str, choices: tuple[Any, ...]) -> Any:
    value = entry.get(name)
    if type(value) is not type(choices[0]) or value not in choices:
        raise ModelError(f"the model's manifest has {name} {value!r}; expected one of {choices}")
    return value

"""Weighted n-grams of words and of characters, and a vote of linear models on them.

An n-gram is a number: its symbols (from 1 up) are the digits of a number system that has one digit
more than there are symbols, and 0 stands for a symbol that is not known. Looking up many n-grams
is then one search in a sorted array; no text of an n-gram is ever made.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lambda_handler.checks import below, decoded, number, same_length, split, take, within
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members

_WORD = re.compile(r"(?u)\w+|[^\w\s]")
_SPACES = re.compile(r"\s\s+")
_LARGEST = 2**63 - 1
_MOST_WEIGHT, _MOST_IDF = 65_504.0, 1000.0  # the first is the largest number of half precision
_MOST_SYMBOLS = 200_000  # that are looked up together: bounds the memory they take


@dataclass(frozen=True)
class Grams:
    """The n-grams of one kind that the model knows, sorted, with their weights.

    `idf` has the n-grams' inverse document frequencies, `weights` a column for each voter
    and label.
    """

    longest: int
    base: int
    codes: np.ndarray
    idf: np.ndarray
    weights: np.ndarray

    def score(self, symbols: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
        """Return the weighted sums of `count` texts: their symbols, each with its text's number.

        Texts are parted by a 0. The values of a text, (1 + log tf) * idf, have the length 1.
        """
        keys, counted = self._count(symbols, rows)
        texts, places = np.divmod(keys, max(1, len(self.codes)))
        values = (1.0 + np.log(counted)) * self.idf[places]
        norms = np.sqrt(np.bincount(texts, values * values, count))
        sums = np.zeros((count, self.weights.shape[1]))
        if len(keys):
            first = np.flatnonzero(np.diff(texts, prepend=-1))
            products = self.weights[places] * values[:, np.newaxis]
            sums[texts[first]] = np.add.reduceat(products, first)
        return sums / np.where(norms == 0, 1.0, norms)[:, np.newaxis]

    def _count(self, symbols: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the keys of all known n-grams, each once, and how often each occurs.

        A long text is looked at piece by piece; a piece has the n-grams that begin in it.
        """
        parts = []
        for at in range(0, len(symbols), _MOST_SYMBOLS):
            found = [
                self._known(symbols[at : at + _MOST_SYMBOLS + length - 1], rows[at:], length)
                for length in range(1, self.longest + 1)
            ]
            parts.append(np.unique(np.concatenate(found), return_counts=True))
        if len(parts) == 1:
            return parts[0]
        every, counted = (np.concatenate(column) for column in zip(*parts, strict=True))
        keys, places = np.unique(every, return_inverse=True)
        return keys, np.bincount(places, counted)

    def _known(self, symbols: np.ndarray, rows: np.ndarray, length: int) -> np.ndarray:
        """Return the keys of known n-grams: text number * number of codes + place of the code."""
        positions = len(symbols) - length + 1
        if positions <= 0 or not len(self.codes):
            return np.empty(0, np.int64)
        codes, whole = np.zeros(positions, np.int64), np.ones(positions, bool)
        for offset in range(length):
            digits = symbols[offset : offset + positions]
            codes = codes * self.base + digits
            whole &= digits > 0
        codes, rows = codes[whole], rows[:positions][whole]
        places = np.searchsorted(self.codes, codes)
        places[places == len(self.codes)] = 0
        known = self.codes[places] == codes
        return rows[known] * len(self.codes) + places[known]


@dataclass(frozen=True)
class Vote:
    """The mean probability of several linear models, each a softmax over the labels."""

    words: Grams
    characters: Grams
    numbers: dict[str, int]
    alphabet: np.ndarray
    intercepts: np.ndarray

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of n texts, of shape (n, n labels)."""
        parts, first = [], 0
        while first < len(texts):
            last, room = first + 1, _MOST_SYMBOLS - len(texts[first])
            while last < len(texts) and len(texts[last]) <= room:
                room -= len(texts[last])
                last += 1
            parts.append(self._vote(texts[first:last]))
            first = last
        return np.concatenate(parts)

    def _vote(self, texts: Sequence[str]) -> np.ndarray:
        scores = self.words.score(*_joined([self._words(text) for text in texts]), len(texts))
        characters = [self._characters(text) for text in texts]
        scores += self.characters.score(*_joined(characters), len(texts))
        voters, labels = self.intercepts.shape
        scores = scores.reshape(len(texts), voters, labels) + self.intercepts
        odds = np.exp(scores - scores.max(axis=2, keepdims=True))
        return (odds / odds.sum(axis=2, keepdims=True)).mean(axis=1)

    def _words(self, text: str) -> np.ndarray:
        numbers = self.numbers
        return np.array([numbers.get(word, 0) for word in _WORD.findall(text)], np.int64)

    def _characters(self, text: str) -> np.ndarray:
        points = _SPACES.sub(" ", text).encode("utf-32-le", "surrogatepass")
        # What is beyond the alphabet's last character is as unknown as the place after it.
        return self.alphabet[np.minimum(np.frombuffer(points, "<u4"), len(self.alphabet) - 1)]


def _joined(texts: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the symbols of all texts, a 0 after each, and the number of the text of each."""
    lengths = [len(symbols) + 1 for symbols in texts]
    ends = np.cumsum(lengths)
    joined = np.zeros(ends[-1], np.int64)
    for symbols, end in zip(texts, ends.tolist(), strict=True):
        joined[end - len(symbols) - 1 : end - 1] = symbols
    return joined, np.repeat(np.arange(len(texts)), lengths)


def load_vote(manifest: dict[str, Any], arrays: Members, labels: int) -> Vote:
    """Return the vote in a model file; raise ModelError if it is broken."""
    intercepts = take(arrays, "intercepts", "f", 2).astype(np.float64)
    within(intercepts, -_MOST_WEIGHT, _MOST_WEIGHT, "intercepts")
    same_length(intercepts.shape[1], labels, "intercepts' rows")
    words = split(take(arrays, "words", "u", 1), "words")
    letters = decoded(take(arrays, "characters", "u", 1), "characters")  # a line end is one too
    points = np.array([ord(letter) for letter in letters], np.int64)
    alphabet = np.zeros(int(points.max(initial=0)) + 2, np.int64)
    alphabet[points] = np.arange(1, len(points) + 1)
    columns = intercepts.size
    return Vote(
        words=_load_grams(manifest, arrays, ("word", len(words), columns)),
        characters=_load_grams(manifest, arrays, ("character", len(letters), columns)),
        numbers=dict(zip(words, range(1, len(words) + 1), strict=True)),
        alphabet=alphabet,
        intercepts=intercepts,
    )


def _load_grams(manifest: dict[str, Any], arrays: Members, about: tuple[str, int, int]) -> Grams:
    kind, symbols, columns = about
    longest, base = int(number(manifest, f"longest_{kind}_gram", 1, 16)), symbols + 1
    if base**longest > _LARGEST:
        raise ModelError(f"the model file's {kind} n-grams of {longest} are too many to number")
    steps = take(arrays, f"{kind}_codes", "u", 1)
    # They are stored as the steps from each to the next, which pack to a quarter.
    codes = np.cumsum(steps, dtype=np.int64)
    if (steps == 0).any() or (codes <= 0).any() or (codes[1:] <= codes[:-1]).any():
        raise ModelError(f"the model file's {kind}_codes are not in order")
    weights = take(arrays, f"{kind}_weights", "f", 2)
    levels, level = take(arrays, "idf_levels", "f", 1), take(arrays, f"{kind}_idf", "u", 1)
    within(weights, -_MOST_WEIGHT, _MOST_WEIGHT, f"{kind}_weights")
    within(levels, 0.0, _MOST_IDF, "idf_levels")
    same_length(len(weights), len(codes), f"{kind}_weights")
    same_length(weights.shape[1], columns, f"{kind}_weights' rows")
    same_length(len(level), len(codes), f"{kind}_idf")
    below(level, len(levels), f"{kind}_idf")
    return Grams(longest, base, codes, levels.astype(np.float64)[level], weights)

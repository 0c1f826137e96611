"""Weighted n-grams of words and of characters, and a vote of linear models on them.

An n-gram is a number: the place of the n-gram without its last symbol (from 1 up, 0 for none),
times the base, plus the number of the last symbol (from 1 up, 0 for an unknown one). The base is
the number of symbols plus one, so the numbers of every alphabet fit into 64 bits. All n-grams of a
length are looked up by one search in a sorted array, without creating any strings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lambda_handler.checks import (
    check_indices,
    check_length,
    check_range,
    decode_lines,
    decode_text,
    get_array,
    get_number,
)
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members

_WORD = re.compile(r"(?u)\w+|[^\w\s]")
_SPACES = re.compile(r"\s\s+")
DIGITS = 1  # the format of files in which all symbols of an n-gram were digits
_MAX_WEIGHT, _MAX_IDF = 65_504.0, 1000.0  # the first is the maximum of half precision
_BATCH = 200_000  # symbols per look-up, to bound its memory


@dataclass(frozen=True)
class Grams:
    """The known n-grams of one kind, sorted, with their weights.

    Those of length n are at `ends[n - 1]` to `ends[n]`. `idf` holds their inverse document
    frequencies; `weights` has one column per voter and label.
    """

    base: int
    codes: np.ndarray
    ends: list[int]
    idf: np.ndarray
    weights: np.ndarray

    def score(self, symbols: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
        """Return the weighted sums of `count` texts; `rows` is the text number of each symbol.

        A 0 separates texts. The values of a text, (1 + log tf) * idf, are scaled to length 1.
        """
        keys, counts = self._count(symbols, rows)
        texts, places = np.divmod(keys, max(1, len(self.codes)))
        values = (1.0 + np.log(counts)) * self.idf[places]
        norms = np.sqrt(np.bincount(texts, values * values, count))
        sums = np.zeros((count, self.weights.shape[1]))
        if len(keys):
            first = np.flatnonzero(np.diff(texts, prepend=-1))
            products = self.weights[places] * values[:, np.newaxis]
            sums[texts[first]] = np.add.reduceat(products, first)
        return sums / np.where(norms == 0, 1.0, norms)[:, np.newaxis]

    def _count(self, symbols: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct keys of all known n-grams and their counts.

        Long texts are processed in pieces; a piece has the n-grams that begin in it.
        """
        parts = []
        for at in range(0, len(symbols), _BATCH):
            keys = self._known(symbols, rows, np.arange(at, min(at + _BATCH, len(symbols))))
            parts.append(np.unique(keys, return_counts=True))
        if len(parts) == 1:
            return parts[0]
        all_keys, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        distinct, places = np.unique(all_keys, return_inverse=True)
        return distinct, np.bincount(places, counts)

    def _known(self, symbols: np.ndarray, rows: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Return the keys of known n-grams: text number * number of codes + index of the code.

        Only a known n-gram can be the start of a known n-gram with one more symbol. No n-gram
        spans two texts, because a 0 separates them.
        """
        keys = [np.empty(0, np.int64)]
        ends = starts  # of the n-grams, of which `prefixes` has the places
        prefixes = np.zeros(len(starts), np.int64)
        for first, last in pairwise(self.ends):
            codes, level = prefixes * self.base + symbols[ends], self.codes[first:last]
            places = np.searchsorted(level, codes)
            places[places == len(level)] = 0
            known = np.flatnonzero(level[places] == codes)
            ends, prefixes = ends[known], places[known] + (first + 1)
            keys.append(rows[ends] * len(self.codes) + (prefixes - 1))
            ends = ends + 1
        return np.concatenate(keys)


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
            last, room = first + 1, _BATCH - len(texts[first])
            while last < len(texts) and len(texts[last]) <= room:
                room -= len(texts[last])
                last += 1
            parts.append(self._vote(texts[first:last]))
            first = last
        return np.concatenate(parts)

    def _vote(self, texts: Sequence[str]) -> np.ndarray:
        scores = self.words.score(*_join([self._words(text) for text in texts]), len(texts))
        characters = [self._characters(text) for text in texts]
        scores += self.characters.score(*_join(characters), len(texts))
        voters, labels = self.intercepts.shape
        scores = scores.reshape(len(texts), voters, labels) + self.intercepts
        odds = np.exp(scores - scores.max(axis=2, keepdims=True))
        return (odds / odds.sum(axis=2, keepdims=True)).mean(axis=1)

    def _words(self, text: str) -> np.ndarray:
        numbers = self.numbers
        return np.array([numbers.get(word, 0) for word in _WORD.findall(text)], np.int64)

    def _characters(self, text: str) -> np.ndarray:
        points = _SPACES.sub(" ", text).encode("utf-32-le", "surrogatepass")
        # Characters past the end of the alphabet map to its last entry, which is unknown.
        return self.alphabet[np.minimum(np.frombuffer(points, "<u4"), len(self.alphabet) - 1)]


def _join(texts: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the symbols of all texts, with a 0 after each text, and their text numbers."""
    lengths = [len(symbols) + 1 for symbols in texts]
    ends = np.cumsum(lengths)
    joined = np.zeros(ends[-1], np.int64)
    for symbols, end in zip(texts, ends.tolist(), strict=True):
        joined[end - len(symbols) - 1 : end - 1] = symbols
    return joined, np.repeat(np.arange(len(texts)), lengths)


def load_vote(manifest: dict[str, Any], arrays: Members, labels: int) -> Vote:
    """Return the vote of a model file; raise ModelError if it is invalid."""
    intercepts = get_array(arrays, "intercepts", "f", 2).astype(np.float64)
    check_range(intercepts, -_MAX_WEIGHT, _MAX_WEIGHT, "intercepts")
    check_length(intercepts.shape[1], labels, "intercepts' rows")
    words = decode_lines(get_array(arrays, "words", "u", 1), "words")
    letters = decode_text(get_array(arrays, "characters", "u", 1), "characters")
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
    base = symbols + 1
    steps = get_array(arrays, f"{kind}_codes", "u", 1)
    # They are stored as differences, which compress to a quarter of the size.
    codes = np.cumsum(steps, dtype=np.int64)
    if (steps == 0).any() or (codes <= 0).any() or (codes[1:] <= codes[:-1]).any():
        raise ModelError(f"the model file's {kind}_codes are not in order")
    if not (codes % base).all():
        raise ModelError(f"the model file's {kind}_codes have n-grams of unknown symbols")
    if manifest["format"] == DIGITS:
        codes = _numbered(codes, base)
    ends = _ends(codes, base, int(get_number(manifest, f"longest_{kind}_gram", 1, 16)))
    if ends[-1] != len(codes):
        raise ModelError(f"the model file's {kind}_codes have n-grams without their beginnings")
    weights = get_array(arrays, f"{kind}_weights", "f", 2)
    levels = get_array(arrays, "idf_levels", "f", 1)
    level = get_array(arrays, f"{kind}_idf", "u", 1)
    check_range(weights, -_MAX_WEIGHT, _MAX_WEIGHT, f"{kind}_weights")
    check_range(levels, 0.0, _MAX_IDF, "idf_levels")
    check_length(len(weights), len(codes), f"{kind}_weights")
    check_length(weights.shape[1], columns, f"{kind}_weights' rows")
    check_length(len(level), len(codes), f"{kind}_idf")
    check_indices(level, len(levels), f"{kind}_idf")
    return Grams(base, codes, ends, levels.astype(np.float64)[level], weights)


def _numbered(codes: np.ndarray, base: int) -> np.ndarray:
    """Return the codes of a file of format 1, in which all symbols of an n-gram were digits."""
    prefixes, symbols = np.divmod(codes, base)
    places = np.searchsorted(codes, prefixes)
    if (codes[places] != prefixes)[prefixes > 0].any():
        raise ModelError("the model file has n-grams without their beginnings")
    return (places + (prefixes > 0)) * base + symbols


def _ends(codes: np.ndarray, base: int, longest: int) -> list[int]:
    """Return the place after the last n-gram of each length up to the longest, from length 0."""
    ends = [0]
    while len(ends) <= longest and ends[-1] < len(codes):
        end = int(np.searchsorted(codes, (ends[-1] + 1) * base))
        if end == ends[-1]:
            break
        ends.append(end)
    return ends

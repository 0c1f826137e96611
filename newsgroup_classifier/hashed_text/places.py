"""The places of n-grams in a text, and the scores that its words get from them."""

import re
from collections.abc import Sequence

import numpy as np

from newsgroup_classifier.hashed_text.blocks import CHARACTERS, SPACES, TOKEN_PATTERNS, Block
from newsgroup_classifier.hashed_text.counting import find_symbols, grams_of
from newsgroup_classifier.hashed_text.grams import starts_of_runs
from newsgroup_classifier.hashed_text.model import HashedLinear
from newsgroup_classifier.hashed_text.parts import BODY, PARTS, SUBJECT, body_lines, subject_start
from newsgroup_classifier.hashed_text.vocabulary import Vocabulary, find_places

_PIECE = re.compile(r"\S+")


def word_scores(model: HashedLinear, text: str, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return the part of a text's scores that each of its words has: float64 (words, labels).

    `spans` are the places of the words in their order. An n-gram that covers several words counts
    in equal parts for each, and one that covers none does not count.
    """
    word_of = np.full(len(text), -1)
    for number, (start, end) in enumerate(spans):
        word_of[start:end] = number
    scores, first = np.zeros((len(spans), len(model.intercepts))), 0
    for vocabulary in model.vocabularies:
        last = first + len(vocabulary.keys)
        weights = model.weights[first:last], model.scales[first:last]
        _add_block(scores, vocabulary, weights, text, word_of)
        first = last
    return scores


def _add_block(
    scores: np.ndarray,
    vocabulary: Vocabulary,
    weights: tuple[np.ndarray, np.ndarray],
    text: str,
    word_of: np.ndarray,
) -> None:
    """Add the scores of the n-grams of one block to those of the words."""
    block = vocabulary.block
    words = word_of[origins(block, text)]
    before = np.append(0, np.cumsum(words >= 0))  # characters of words before each character
    words = words[words >= 0]
    if not len(words):
        return
    new = starts_of_runs(words)
    ranks = np.cumsum(new) - 1
    row = vocabulary.weigh([text])
    grams = []
    for keys, starts, ends in _placed_grams(block, block.prepare(text)):
        columns = find_places(vocabulary.keys, keys)
        known = columns < len(vocabulary.keys)
        grams.append((row.indices.searchsorted(columns[known]), starts[known], ends[known]))
    occurrences = np.bincount(np.concatenate([each[0] for each in grams]), minlength=len(row.data))
    values = row.data / np.maximum(occurrences, 1) * weights[1][row.indices]
    changes = np.zeros((int(ranks[-1]) + 2, scores.shape[1]))
    for places, starts, ends in grams:
        covers = before[ends] > before[starts]
        places, starts, ends = places[covers], before[starts[covers]], before[ends[covers]] - 1
        lowest, highest = ranks[starts], ranks[ends]
        shares = values[places] / (highest - lowest + 1)
        parts = shares[:, np.newaxis] * weights[0][row.indices[places]]
        np.add.at(changes, lowest, parts)
        np.subtract.at(changes, highest + 1, parts)
    scores[words[new]] += np.cumsum(changes, axis=0)[:-1]


def _placed_grams(block: Block, prepared: str) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the keys of the n-grams of each length, and where each starts and ends."""
    symbols, left = find_symbols(block, prepared)
    starts, ends = _symbol_places(block, prepared)
    grams = []
    for length, keys in enumerate(grams_of(block, symbols, left), start=block.lowest):
        firsts = np.arange(max(0, len(symbols) - length + 1))
        if left is not None:
            firsts = firsts[left[: len(firsts)] >= length]
        grams.append((keys, starts[firsts], ends[firsts + length - 1]))
    return grams


def _symbol_places(block: Block, prepared: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where each symbol starts and ends; the padding of pieces takes no place."""
    if block.kind == CHARACTERS:
        places = np.arange(len(prepared) + 1)
        return places[:-1], places[1:]
    pattern = TOKEN_PATTERNS.get(block.kind, _PIECE)
    spans = [match.span() for match in pattern.finditer(prepared)]
    if block.tokenize:
        both = np.array(spans, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]
    none = [np.zeros(0, np.int64)]
    starts = [np.append(start, np.arange(start, end + 1)) for start, end in spans]
    ends = [np.append(np.arange(start, end + 1), end) for start, end in spans]
    return np.concatenate(none + starts), np.concatenate(none + ends)


def origins(block: Block, text: str) -> np.ndarray:
    """Return the place in a text of each character of what a block cuts into n-grams."""
    places = np.arange(len(text))
    if block.part == BODY:
        # A line of the body keeps its line end, except the last one.
        lines = [places[start : end + 1] for start, end in body_lines(text)]
        places = np.concatenate([np.zeros(0, np.int64), *lines])
    elif block.part == SUBJECT:
        places = places[subject_start(text) :]
    part = PARTS[block.part](text)
    places = places[: len(part)]
    if block.characters:
        part, places = part[: block.characters], places[: block.characters]
    if block.lower:
        lowered = part.lower()
        if len(lowered) != len(part):
            places = np.repeat(places, [len(letter.lower()) for letter in part])
        part = lowered
    if block.kind == CHARACTERS:
        visible = np.ones(len(part), bool)
        for match in SPACES.finditer(part):
            visible[match.start() + 1 : match.end()] = False
        places = places[visible]
    return places

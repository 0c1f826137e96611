"""Count the n-grams of texts, one by one or many at once.

Most of the pieces between white space occur many times, so of many texts the distinct pieces are
hashed once. A single text is hashed as it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np

from newsgroup_classifier.hashed_text.blocks import CHARACTERS, PIECES, Block, Tokenize
from newsgroup_classifier.hashed_text.grams import (
    FREE_BITS,
    group,
    hash_characters,
    hash_tokens,
    starts_of_runs,
    symbols_left,
    windows,
)

_MOST_CHARACTERS = 1 << 22  # whose n-grams are counted at once, to bound memory
_MOST_TEXTS = 1 << 14
LONG = 1 << 16  # characters of a text that is counted by itself
MOST_TOGETHER = 1 << FREE_BITS  # blocks that are counted together
_SLICE = 1 << 17  # symbols of it whose n-grams are counted at once


@dataclass(frozen=True)
class Counts:
    """The counts of the n-grams of texts.

    `keys` (uint64) are distinct and sorted. Text i has the entries from `indptr[i]` to
    `indptr[i + 1]` of `columns` (places in `keys`, sorted within a text) and `counts`, all int32.
    """

    keys: np.ndarray
    columns: np.ndarray
    counts: np.ndarray
    indptr: np.ndarray


@dataclass(frozen=True)
class _Pieces:
    """The distinct pieces of texts, and the piece at each place of each text."""

    distinct: list[str]
    numbers: np.ndarray
    lengths: np.ndarray


def count_grams(block: Block, texts: Sequence[str]) -> Iterator[Counts]:
    """Yield the counts of the n-grams of all texts in order, some texts at a time."""
    if len(texts) == 1:
        yield _count_one(block, block.prepare(texts[0]))
        return
    chunk: list[str] = []
    size, most = 0, _MOST_CHARACTERS
    if not block.tokenize:  # a character begins as many n-grams as there are lengths
        most //= block.highest
    for text in map(block.prepare, texts):
        full = size + len(text) > most or len(chunk) == _MOST_TEXTS
        if chunk and (full or len(text) > LONG):
            yield _count_many(block, chunk)
            chunk, size = [], 0
        if len(text) > LONG:
            yield _count_one(block, text)
        else:
            chunk.append(text)
            size += len(text)
    if chunk or not texts:
        yield _count_many(block, chunk)


def joint_keys(keys: np.ndarray, block: int | np.ndarray) -> np.ndarray:
    """Return keys with the numbers of their blocks in the high bits, which sorts them by blocks."""
    return keys >> np.uint64(FREE_BITS) | np.asarray(block, np.uint64) << np.uint64(64 - FREE_BITS)


def count_together(blocks: Sequence[Block], text: str) -> Counts:
    """Count the n-grams of several blocks in one text; the result has a row per block.

    The keys are joint keys. For a short text, numpy's calls take longer than their work, and this
    needs hardly more of them than a single block.
    """
    tokens: list[list[str]] = []
    parts = []
    for number, block in enumerate(blocks):
        prepared = block.prepare(text)
        tokens.append(block.tokenize(prepared) if block.tokenize else [])
        if not block.tokenize:
            symbols, left = _characters(block, prepared)
            parts.append(joint_keys(np.concatenate(grams_of(block, symbols, left)), number))
    none = np.zeros(0, np.uint64)
    keys, counts = _tally(np.concatenate([none, *parts, *_token_keys(blocks, tokens)]))
    firsts = np.arange(len(blocks), dtype=np.uint64) << np.uint64(64 - FREE_BITS)
    indptr = np.append(keys.searchsorted(firsts), len(keys))
    return Counts(keys, np.arange(len(keys)), counts, indptr)


def _token_keys(blocks: Sequence[Block], tokens: Sequence[list[str]]) -> Iterator[np.ndarray]:
    """Yield the joint keys of the n-grams of tokens (one list per block) by their length."""
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    lowest = np.repeat([block.lowest for block in blocks], lengths)
    highest = np.repeat([block.highest for block in blocks], lengths)
    numbers = np.repeat(np.arange(len(blocks), dtype=np.uint64), lengths)
    symbols = hash_tokens(list(chain.from_iterable(tokens)))
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(symbols))
    left, longest = np.minimum(left, highest), int(highest.max(initial=0))
    for length, keys in enumerate(windows(symbols, left, (0, len(symbols)), 1, longest), start=1):
        places = np.flatnonzero(left >= length)
        long_enough = lowest[places] <= length
        yield joint_keys(keys[long_enough], numbers[places[long_enough]])


def _count_one(block: Block, text: str) -> Counts:
    symbols, left = find_symbols(block, text)
    parts = []
    for first in range(0, max(1, len(symbols)), _SLICE):
        span = (first, first + _SLICE)
        grams = list(windows(symbols, left, span, block.lowest, block.highest))
        parts.append(_tally(np.concatenate(grams)))
    keys, counts = parts[0] if len(parts) == 1 else _add_up(parts)
    return Counts(
        keys,
        np.arange(len(keys), dtype=np.int32),
        counts.astype(np.int32),
        np.array([0, len(keys)]),
    )


def find_symbols(block: Block, text: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the symbols of a prepared text, and the `symbols_left` of its sequences."""
    return (hash_tokens(block.tokenize(text)), None) if block.tokenize else _characters(block, text)


def _characters(block: Block, text: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the symbols of a text, and the `symbols_left` of its sequences."""
    if block.kind == CHARACTERS:
        return hash_characters(text), None
    return _padded(text.split())


def _padded(pieces: Sequence[str]) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the symbols of pieces, each between two spaces, and their `symbols_left`."""
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces)) + 2
    joined = f" {'  '.join(pieces)} " if pieces else ""
    return hash_characters(joined), symbols_left(lengths)


def _tally(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct keys in order, and how often each occurs."""
    keys.sort()
    starts = np.flatnonzero(starts_of_runs(keys))
    ends = np.append(starts[1:], len(keys)) if len(keys) else starts
    return keys[starts], ends - starts


def _add_up(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct keys of several tallies, and the sums of their counts."""
    keys, order, groups = group(np.concatenate([keys for keys, _ in parts]))
    counts = np.concatenate([counts for _, counts in parts])[order]
    return keys, np.add.reduceat(counts, np.flatnonzero(starts_of_runs(groups)))


def _count_many(block: Block, texts: Sequence[str]) -> Counts:
    if block.kind == PIECES:
        return _count_within(block, texts)
    if block.tokenize:
        symbols, lengths = _tokens(block.tokenize, _number_pieces(texts))
    else:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        symbols = hash_characters("".join(texts))
    grams = grams_of(block, symbols, symbols_left(lengths))
    text_numbers = np.arange(len(texts))
    owners = [
        np.repeat(text_numbers, _windows_of(lengths, length))
        for length in range(block.lowest, block.highest + 1)
    ]
    distinct, order, columns = group(np.concatenate(grams))
    codes = np.concatenate(owners)[order]
    codes *= max(1, len(distinct))
    codes += columns
    codes, counts = _tally(codes)
    return _counts(distinct, codes, counts, len(texts))


def grams_of(block: Block, symbols: np.ndarray, left: np.ndarray | None) -> list[np.ndarray]:
    """Return the keys of the n-grams of a block by their length."""
    return list(windows(symbols, left, (0, len(symbols)), block.lowest, block.highest))


def _windows_of(lengths: np.ndarray, length: int) -> np.ndarray:
    """Return how many n-grams of a length sequences with these lengths have."""
    return np.maximum(lengths - (length - 1), 0)


def _number_pieces(texts: Sequence[str]) -> _Pieces:
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    number = numbers.__getitem__
    numbered = [list(map(number, text.split())) for text in texts]
    lengths = np.fromiter(map(len, numbered), np.int64, len(numbered))
    places = np.fromiter(chain.from_iterable(numbered), np.int64, int(lengths.sum()))
    return _Pieces(list(numbers), places, lengths)


def _tokens(tokenize: Tokenize, pieces: _Pieces) -> tuple[np.ndarray, np.ndarray]:
    """Return the symbols of the tokens of texts, and the number of tokens of each text."""
    # Letters and digits alone are one token of every kind.
    tokens = [[piece] if piece.isalnum() else tokenize(piece) for piece in pieces.distinct]
    symbols = hash_tokens(list(chain.from_iterable(tokens)))
    sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
    of_places = sizes[pieces.numbers]
    symbols = symbols[_ranges((np.cumsum(sizes) - sizes)[pieces.numbers], of_places)]
    sums = np.concatenate(([0], np.cumsum(of_places)))
    return symbols, np.diff(sums[np.concatenate(([0], np.cumsum(pieces.lengths)))])


def _ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the integers of ranges of these sizes from these starts on, one after another."""
    ends = np.cumsum(sizes)
    integers = np.repeat(starts - (ends - sizes), sizes)
    integers += np.arange(len(integers))
    return integers


def _count_within(block: Block, texts: Sequence[str]) -> Counts:
    pieces = _number_pieces(texts)
    owners, numbers, times = _distinct_of_texts(pieces)
    symbols, left = _padded(pieces.distinct)
    lengths = np.fromiter(map(len, pieces.distinct), np.int64, len(pieces.distinct)) + 2
    grams = grams_of(block, symbols, left)
    keys, order, groups = group(np.concatenate(grams))
    # The code of an entry is its text and its column, and below them the count of its piece.
    bits = int(times.max(initial=1)).bit_length()
    columns = np.empty(len(groups), np.int64)
    columns[order] = groups << bits
    heads = (owners * len(keys) << bits) | times
    parts, first = [], 0
    for length, own in enumerate(grams, start=block.lowest):
        sizes = _windows_of(lengths, length)
        starts, of_pieces = first + np.cumsum(sizes) - sizes, sizes[numbers]
        codes = columns[_ranges(starts[numbers], of_pieces)]
        codes += np.repeat(heads, of_pieces)
        parts.append(codes)
        first += len(own)
    codes = np.concatenate(parts)
    codes.sort()
    times = codes & ((1 << bits) - 1)
    codes >>= bits
    starts = np.flatnonzero(starts_of_runs(codes))
    counts = np.add.reduceat(times, starts) if len(starts) else times
    return _counts(keys, codes[starts], counts, len(texts))


def _distinct_of_texts(pieces: _Pieces) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the texts, the pieces, and the counts of the distinct pieces of each text."""
    width = max(1, len(pieces.distinct))
    codes = np.repeat(np.arange(len(pieces.lengths)) * width, pieces.lengths) + pieces.numbers
    codes, times = _tally(codes)
    owners, numbers = np.divmod(codes, width)
    return owners, numbers, times


def _counts(keys: np.ndarray, codes: np.ndarray, counts: np.ndarray, texts: int) -> Counts:
    """Return the counts of sorted codes: the number of a text times that of keys, plus a column."""
    firsts = np.arange(texts + 1) * max(1, len(keys))
    indptr = np.searchsorted(codes, firsts)
    columns = codes - np.repeat(firsts[:-1], np.diff(indptr))
    return Counts(keys, columns.astype(np.int32), counts.astype(np.int32), indptr)

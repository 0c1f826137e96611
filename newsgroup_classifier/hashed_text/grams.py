"""The 64-bit keys of n-grams, computed in arrays.

A symbol is a character or a token. Its number is a well mixed 64-bit integer (splitmix64: Steele,
Lea, and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014). The key of an n-gram
is a polynomial in the numbers of its symbols plus a number for its length, modulo 2^64, without the
last three bits. Two of a million n-grams share a key with a probability of 2 in 10 million, and a
text of a thousand unknown n-grams meets one of a million known ones with 1 in 2 billion. Collisions
can be made on purpose, since nothing is secret: the author of a text can let one n-gram count as
another. That is no more than writing the other one, so it is harmless here. Do not use these keys
where it is not.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse
_MASK = 2**64 - 1
_SLICE = 1 << 17  # characters hashed at once
FREE_BITS = 3  # the low bits of a key, which are 0
_HASHED = np.uint64(_MASK - (2**FREE_BITS - 1))
_SHORT = 1 << 12


def mix(numbers: np.ndarray) -> np.ndarray:
    """Return mixed 64-bit integers, by the finalizer of splitmix64; 0 becomes another number."""
    mixed = numbers.astype(np.uint64)
    mixed += np.uint64(_BASE)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


_POWERS = [pow(_BASE, power, 2**64) for power in range(17)]
_LENGTHS = mix(np.arange(17) + 2**32).tolist()  # apart from all characters
_MIXED = mix(np.arange(1 << 14))  # of the code points of most texts


def _powers(base: int, count: int) -> np.ndarray:
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers)


@cache
def _all_powers() -> np.ndarray:
    return _powers(_BASE, _SLICE)


_RISING = _powers(_BASE, _SHORT)
_FALLING = _powers(pow(_BASE, -1, 2**64), _SHORT)


def code_points(text: str) -> np.ndarray:
    """Return the code points of a text, lone surrogates included, as uint32."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def hash_characters(text: str) -> np.ndarray:
    """Return the numbers of the characters of a text as symbols: uint64 (characters)."""
    points = code_points(text)
    if points.max(initial=0) < len(_MIXED):
        return _MIXED.take(points)
    return mix(points)


def hash_tokens(tokens: Sequence[str]) -> np.ndarray:
    """Return the numbers of tokens as symbols: uint64 (tokens)."""
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    ends = np.cumsum(lengths)
    # sums[i] is the polynomial of the first i characters of all tokens; a token's own polynomial is
    # the difference between the sums at its ends, divided by the power of its first character.
    sums = _polynomials("".join(tokens), ends)
    own = sums.copy()
    own[1:] -= sums[:-1]
    own *= _inverse_powers(ends - lengths)
    return mix(own)


def _polynomials(joined: str, ends: np.ndarray) -> np.ndarray:
    """Return the polynomials of the first characters of a text up to each of the ends."""
    if len(joined) < _SHORT:
        sums = np.cumsum(hash_characters(joined) * _RISING[: len(joined)])
        return sums[ends - 1]
    powers, at, total = _all_powers(), 0, np.zeros(1, np.uint64)
    values = np.empty(len(ends), np.uint64)
    for start in range(0, len(joined), _SLICE):
        characters = hash_characters(joined[start : start + _SLICE])
        sums = np.cumsum(characters * powers[: len(characters)])
        sums *= np.uint64(pow(_BASE, start, 2**64))
        sums += total
        last = int(np.searchsorted(ends, start + len(characters), "right"))
        values[at:last] = sums[ends[at:last] - start - 1]
        at, total = last, sums[-1:]
    return values


def _inverse_powers(places: np.ndarray) -> np.ndarray:
    """Return the inverse of the base to the power of each place, which are sorted."""
    if not len(places) or places[-1] < _SHORT:
        return _FALLING[places]
    high, low = np.divmod(places, _SHORT)
    far = _powers(pow(_BASE, -_SHORT, 2**64), int(high[-1]) + 1)
    return _FALLING[low] * far[high]


def symbols_left(lengths: np.ndarray) -> np.ndarray | None:
    """Return how many symbols each sequence has from each symbol on; None for one sequence."""
    if len(lengths) == 1:
        return None
    places = np.arange(int(lengths.sum()), dtype=np.int32)
    return np.repeat(np.cumsum(lengths).astype(np.int32), lengths) - places


def windows(
    symbols: np.ndarray, left: np.ndarray | None, span: tuple[int, int], lowest: int, highest: int
) -> Iterator[np.ndarray]:
    """Yield the keys of the n-grams that begin in a span, by their length in symbols.

    `symbols` are the numbers of the symbols of sequences, and `left` is the `symbols_left` of these
    sequences. The keys of a length are in the order of the symbols, and no n-gram spans two
    sequences.
    """
    first, last = span
    keys = symbols[first:last]
    for length in range(1, highest + 1):
        if length > 1:
            added = symbols[first + length - 1 : last + length - 1] * np.uint64(_POWERS[length - 1])
            added += keys[: len(added)]
            keys = added
        if length < lowest:
            continue
        within = keys if left is None else keys[left[first : first + len(keys)] >= length]
        tagged = within + np.uint64(_LENGTHS[length])
        tagged &= _HASHED
        yield tagged


def group(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distinct keys in order, an order that sorts the keys, and the group of each.

    numpy sorts integers several times faster than it finds their order, so the low bits of the keys
    are replaced by their places, which is an order unless two keys have equal high bits.
    """
    bits = np.uint64(max(1, len(keys) - 1).bit_length())
    packed = keys >> bits << bits
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    ordered = keys[order]
    if (ordered[1:] < ordered[:-1]).any():
        order = np.argsort(keys)
        ordered = keys[order]
    new = starts_of_runs(ordered)
    return ordered[new], order, np.cumsum(new) - 1


def starts_of_runs(ordered: np.ndarray) -> np.ndarray:
    """Return whether each value of a sorted array differs from the one before it."""
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new

"""The n-grams of texts and their hashes, as scikit-learn's vectorizers make them."""

import re
import struct
import unicodedata
from collections.abc import Callable, Collection, Iterator

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

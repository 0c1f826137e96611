"""Generate a corpus of labeled posts of any size, in the form of a train channel.

Words are drawn by Zipf's law from an unlimited vocabulary, so more posts have more distinct words,
and each label has its own words. The same seed gives the same posts, whatever their number. Posts
are written as they are drawn and never held in memory.
"""

from collections.abc import Iterator
from typing import TextIO

import numpy as np

LABELS = 20
_ZIPF = 1.25  # the exponent; in natural language it is slightly above 1
_LARGEST = 2**40  # higher ranks become this one: the rarest words
_OWN = 0.15  # share of a post's words that belong to its label
_OWN_WORDS = 2000  # of each label
_MEAN_WORDS = 150  # per post; a post of 20 Newsgroups has 170 after cleaning
_HEADER_LINES = 5
_BLOCK = 1000  # posts drawn at once
_LETTERS = "aeiou", "bcdfghjklmnpqrstvwxz"


def write_corpus(posts: int, file: TextIO, seed: int = 0) -> None:
    """Write a channel with a number of posts."""
    file.write("data,data_subject,label_names,label\n")
    for row in rows(posts, seed):
        file.write(row)


def rows(posts: int, seed: int = 0) -> Iterator[str]:
    """Return the rows of a channel; a row spans several lines."""
    random = np.random.default_rng(seed)
    words = _Words()
    for first in range(0, posts, _BLOCK):
        lengths = random.geometric(1 / _MEAN_WORDS, _BLOCK) + 10
        labels = random.integers(0, LABELS, _BLOCK)
        ranks = np.minimum(random.zipf(_ZIPF, int(lengths.sum())), _LARGEST)
        own = random.random(len(ranks)) < _OWN
        ends = np.cumsum(lengths)
        of_label = np.repeat(labels, lengths) * _OWN_WORDS + 1
        ranks[own] = (of_label + ranks % _OWN_WORDS)[own] * 7919
        spelled = words.spell(ranks)
        for number in range(min(_BLOCK, posts - first)):
            end = int(ends[number])
            text = " ".join(spelled[end - int(lengths[number]) : end])
            label = int(labels[number])
            header = "From: a\n" * _HEADER_LINES
            yield f'"{header}{text}","","label-{label:02}",{label}\n'


class _Words:
    """Words made of syllables, one per number; the frequent ones are cached."""

    def __init__(self) -> None:
        vowels, consonants = _LETTERS
        self._syllables = [first + second for first in consonants for second in vowels]
        self._frequent = [self._make(rank) for rank in range(100_000)]

    def spell(self, ranks: np.ndarray) -> list[str]:
        known, most = self._frequent, len(self._frequent)
        return [known[rank] if rank < most else self._make(rank) for rank in ranks.tolist()]

    def _make(self, rank: int) -> str:
        word = ""
        while True:
            rank, place = divmod(rank, len(self._syllables))
            word += self._syllables[place]
            if not rank:
                return word

"""Generated texts in the form of the real ones, for machines without data or network.

Each class has words of its own and shares others, so that a classifier can learn something. The
metrics mean nothing for real texts and are marked "generated sample" wherever they are printed.
"""

import random
from collections.abc import Callable, Sequence

from newsgroup_classifier.channels.texts import Dataset, Row, dataset_of
from newsgroup_classifier.datasets import GENERATED

_OWN_WORDS = 60
_SYLLABLES = [a + b for a in "bdklmr" for b in "aeio"]
# Returns a text and its subject, from words of one class and words that all classes share.
Writer = Callable[[random.Random, list[str], list[str]], tuple[str, str]]


def generate_texts(
    names: Sequence[str], counts: tuple[int, int], write: Writer, seed: int, shared: int = 300
) -> Dataset:
    """Return `counts` train and test texts per class; the same seed gives the same texts."""
    rng = random.Random(seed)  # noqa: S311 - not for security
    common = invent_words(rng, shared)
    parts: tuple[list[Row], list[Row]] = ([], [])
    for label, name in enumerate(names):
        own = invent_words(rng)
        for rows, count in zip(parts, counts, strict=True):
            rows.extend((*write(rng, own, common), name, label) for _ in range(count))
    return dataset_of(*parts, GENERATED)


def invent_words(rng: random.Random, size: int = _OWN_WORDS) -> list[str]:
    """Return words of two to four syllables, possibly with duplicates."""
    return ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(size)]


def mix_words(
    rng: random.Random, own: list[str], shared: list[str], share: float, count: int
) -> list[str]:
    """Return random words, about `share` of them from `own`."""
    return [rng.choice(own if rng.random() < share else shared) for _ in range(count)]

"""Invented words, from which each data set generates a small sample of its own form.

A sample needs neither data nor network. Every class has words of its own and shares others, so a
classifier learns something. Figures from a sample say nothing about real texts and are marked
"generated sample" wherever they are printed.
"""

import random

_SYLLABLES = [a + b for a in "bdklmr" for b in "aeio"]


def invented_words(rng: random.Random, size: int) -> list[str]:
    """Return words of two to four syllables; some may occur twice."""
    return ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(size)]

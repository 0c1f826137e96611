"""Normalize comments to Porter stems: lower case, no punctuation of any script, no stop words.

Each step is a pure function. Punctuation is removed rather than replaced by a space, so "don't"
becomes the word "dont", which is not a stop word, as in the tutorial on neural networks.
"""

import unicodedata
from collections.abc import Iterable

from newsgroup_classifier.text.cleaning import drop_stop_words
from newsgroup_classifier.text.stemming import make_porter_stemmer


class _WithoutPunctuation(dict[int, int | None]):
    """A table for str.translate that removes punctuation (the Unicode categories P*).

    It is filled on demand, because there are over a million characters.
    """

    def __missing__(self, code: int) -> int | None:
        """Return and store the character's code, or None for punctuation."""
        self[code] = None if unicodedata.category(chr(code)).startswith("P") else code
        return self[code]


_WITHOUT_PUNCTUATION = _WithoutPunctuation()


def drop_punctuation(text: str) -> str:
    """Return the text without punctuation, which is not replaced by spaces."""
    return text.translate(_WITHOUT_PUNCTUATION)


def stem_words(text: str) -> str:
    """Return the stems of a text's words, separated by single spaces."""
    stem = make_porter_stemmer()
    return " ".join([stem(word) for word in text.split()])


def normalize(text: str) -> str:
    """Return the stems of a text: lower case, no punctuation, no stop words."""
    return stem_words(drop_stop_words(drop_punctuation(text.lower())))


def normalize_texts(texts: Iterable[str]) -> list[str]:
    """Normalize texts; the first step of the fitted pipeline."""
    return [normalize(text) for text in texts]

"""Stemmers of English words, and the normalization of comments to Porter stems.

They use the package snowballstemmer, which is pure Python and is saved with the model, because the
serving images have neither it nor NLTK. It is imported only to stem, and from the submodules, so
that no compiled stemmer takes its place.

Punctuation is removed rather than replaced by a space, so "don't" becomes the word "dont", which is
not a stop word, as in the tutorial on neural networks.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from newsgroup_classifier.text.cleaning import drop_stop_words
from newsgroup_classifier.text.word_splitting import cache_words

_SHORTEST = 3  # shorter words are their own stems, as in NLTK: "is" does not become "i"
# Longer words are their own stems, because stemming a run of y takes quadratic time. No word of the
# comments has more than 284 characters.
_LONGEST = 1000
_APOSTROPHES = str.maketrans("\u2018\u2019\u201b", "'''")


@cache
def make_snowball_stemmer() -> Callable[[str], str]:
    """Return the function from a lower-case word to its stem in NLTK's English Snowball stemmer."""
    from snowballstemmer.english_stemmer import EnglishStemmer

    return _stemmer(lambda word: EnglishStemmer().stemWord(word.translate(_APOSTROPHES)))


@cache
def make_porter_stemmer() -> Callable[[str], str]:
    """Return the function from a lower-case word to its stem in Porter's algorithm of 1980."""
    from snowballstemmer.porter_stemmer import PorterStemmer

    return _stemmer(lambda word: PorterStemmer().stemWord(word))


def _stemmer(stem: Callable[[str], str]) -> Callable[[str], str]:
    # Every call creates a stemmer, which holds the current word, so that threads can share this.
    return cache_words(lambda word: str(stem(word)) if _SHORTEST <= len(word) <= _LONGEST else word)


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

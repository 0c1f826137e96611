"""Stemmers of English words.

They use the package snowballstemmer, which is pure Python and is saved with the model, because the
serving images have neither it nor NLTK. It is imported only to stem, and from the submodules, so
that no compiled stemmer takes its place.
"""

from collections.abc import Callable
from functools import cache

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

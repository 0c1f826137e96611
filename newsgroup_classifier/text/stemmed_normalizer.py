"""Comments as Porter stems: lower case, no punctuation of any script, no stop words.

Each step is a pure function. Punctuation goes without a space in its place, so "don't" is the word
"dont" and no stop word, as in the project's tutorial of neural networks. The stems are those of
Porter's own algorithm of 1980, found by the package snowballstemmer, which is plain Python and
travels with the model: the serving image has none.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from newsgroup_classifier.text.cleaning import drop_stop_words

_SHORTEST = 3  # shorter words are their own stems, as NLTK has it: "is" is not "i"
# Words come again, so their stems are kept; not those of long words, which come once.
_REMEMBERED, _REMEMBERED_LENGTH = 2**16, 40


class _Kept(dict[int, int | None]):
    """What str.translate makes of each character: nothing of punctuation (categories P*).

    A character is looked up when it comes for the first time: there are over a million of them.
    """

    def __missing__(self, code: int) -> int | None:
        """Return the character, or None for punctuation, and remember it."""
        self[code] = None if unicodedata.category(chr(code)).startswith("P") else code
        return self[code]


_KEPT = _Kept()


def drop_punctuation(text: str) -> str:
    """Return the text without punctuation; nothing stands in its place."""
    return text.translate(_KEPT)


@cache
def make_porter_stemmer() -> Callable[[str], str]:
    """Return the function from a word in lower case to its stem, which remembers what it found."""
    # Only who stems needs the package; and by name, so that no compiled one takes its place.
    from snowballstemmer.porter_stemmer import PorterStemmer

    def stem(word: str) -> str:
        # A stemmer holds the word it is at, and threads may ask at once: each word has its own.
        return str(PorterStemmer().stemWord(word)) if len(word) >= _SHORTEST else word

    remembered = lru_cache(_REMEMBERED)(stem)
    return lambda word: remembered(word) if len(word) <= _REMEMBERED_LENGTH else stem(word)


def stem_words(text: str) -> str:
    """Return the stems of a text's words, one space between them."""
    stem = make_porter_stemmer()
    return " ".join([stem(word) for word in text.split()])


def normalize(text: str) -> str:
    """Return the stems of a text: lower case, no punctuation, no stop words."""
    return stem_words(drop_stop_words(drop_punctuation(text.lower())))


def normalize_texts(texts: Iterable[str]) -> list[str]:
    """Normalize many texts; the first step of the fitted pipeline."""
    return [normalize(text) for text in texts]

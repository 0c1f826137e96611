"""Split texts into words in the same way everywhere: in lower case, at punctuation and white space.

Apostrophes belong to words, and so do digits and the letters of every script. These are the
defaults of Keras's Tokenizer, extended from three white space characters to all of Unicode's.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

PUNCTUATION = r"""!"#$%&()*+,-./:;<=>?@[\]^_`{|}~"""
# The characters at which str.split() splits: all for which str.isspace() is true.
WHITE_SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_TO_SPACES = str.maketrans(PUNCTUATION, " " * len(PUNCTUATION))
_CACHED_WORDS, _LONGEST_CACHED = 2**16, 40
_Result = TypeVar("_Result")


def split_words(text: str) -> list[str]:
    """Return the words of a text in their order, in lower case."""
    return text.lower().translate(_TO_SPACES).split()


def cache_words(function: Callable[[str], _Result]) -> Callable[[str], _Result]:
    """Return a function of a word with a cache, but not for long words, which rarely recur."""
    cached = lru_cache(_CACHED_WORDS)(function)
    return lambda word: cached(word) if len(word) <= _LONGEST_CACHED else function(word)

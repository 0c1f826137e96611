"""Clean newsgroup posts: drop the header, everything but letters, and English stop words.

Each step is a pure function from text to text. The fitted pipeline contains `clean_posts`, so
training and serving clean texts in the same way.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

HEADER_LINES = 5
_STOP_WORDS_FILE = Path(__file__).with_name("english_stop_words.txt")
_NO_LETTERS = re.compile(r"[\W\d_]+")
# The words that NLTK's word tokenizer splits in two: MacIntyre's list, from the Penn Treebank.
CONTRACTIONS = {
    "cannot": ("can", "not"),
    "gimme": ("gim", "me"),
    "gonna": ("gon", "na"),
    "gotta": ("got", "ta"),
    "lemme": ("lem", "me"),
    "wanna": ("wan", "na"),
}


def _letters_table() -> bytes:
    letters = range(ord("a"), ord("z") + 1)
    return bytes(code if code in letters else ord(" ") for code in range(256))


_LETTERS = _letters_table()


@cache
def stop_words() -> frozenset[str]:
    """Return the 179 English stop words of NLTK's list (its release with 179 words)."""
    return frozenset(_STOP_WORDS_FILE.read_text(encoding="utf-8").split())


def drop_header(post: str) -> str:
    """Return the post without its first five lines, which are the header of nearly every post."""
    lines = post.split("\n", HEADER_LINES)
    return lines[HEADER_LINES] if len(lines) > HEADER_LINES else ""


def letters_only(text: str) -> str:
    """Return the text in lower case, with spaces for all characters except the letters a to z.

    Lower-casing comes first, because it turns a few other letters into ASCII (the Kelvin sign into
    k). Encoding turns the remaining ones into question marks, which become spaces.
    """
    return text.lower().encode("ascii", "replace").translate(_LETTERS).decode("ascii")


def letters_of_any_alphabet(text: str) -> str:
    """Return the text in lower case, with spaces for all characters that are not letters."""
    # Both ways are the same for ASCII, and the first one takes a tenth of the time.
    return letters_only(text) if text.isascii() else _NO_LETTERS.sub(" ", text.lower())


def drop_stop_words(text: str) -> str:
    """Return the words that are not stop words, separated by single spaces."""
    stops = stop_words()
    return " ".join([word for word in text.split() if word not in stops])


def clean_post(post: str) -> str:
    """Return the words of a post: no header, lower case, letters only, no stop words."""
    return drop_stop_words(letters_only(drop_header(post)))


def clean_posts(posts: Iterable[str]) -> list[str]:
    """Clean posts; the first step of the fitted pipeline."""
    return [clean_post(post) for post in posts]


def words(cleaned: str) -> list[str]:
    """Return the words of a cleaned text that have two or more letters.

    On cleaned texts this is equivalent to scikit-learn's default token pattern.
    """
    return [word for word in cleaned.split() if len(word) > 1]


def words_and_pairs(cleaned: str) -> list[str]:
    """Return the words of a cleaned text that have two or more letters, and their bigrams."""
    unigrams = words(cleaned)
    return unigrams + [f"{first} {second}" for first, second in pairwise(unigrams)]


def hashed_counts(analyzer: Any, bits: int) -> Any:
    """Return a vectorizer without a vocabulary, with 2 to the power of `bits` columns."""
    from sklearn.feature_extraction.text import HashingVectorizer

    # Naive Bayes refuses negative counts, and TF-IDF does the scaling.
    return HashingVectorizer(analyzer=analyzer, n_features=2**bits, alternate_sign=False, norm=None)


def count_tokens(cleaned: Iterable[str]) -> Counter[str]:
    """Return how often each token of NLTK's word tokenizer occurs in cleaned texts."""
    return split_contractions(Counter(word for text in cleaned for word in text.split()))


def split_contractions(words: Mapping[str, int]) -> Counter[str]:
    """Return the counts of tokens for counts of words."""
    counts = Counter(words)
    for word, parts in CONTRACTIONS.items():
        count = counts.pop(word, 0)
        for part in parts:
            if count:
                counts[part] += count
    return counts


def cloud_words(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the words of a word cloud: three or more letters, and no English stop word."""
    stops = stop_words()
    return {word: n for word, n in counts.items() if len(word) > 2 and word not in stops}

"""Clean newsgroup posts: the header goes, letters stay, English stop words go.

Each step is a pure function from text to text. `clean_post` does them all in one pass, and is
what the fitted pipeline carries, so training and serving clean alike.
"""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

HEADER_LINES = 5
_STOP_WORDS_FILE = Path(__file__).with_name("english_stop_words.txt")


def _letters_table() -> bytes:
    letters = range(ord("a"), ord("z") + 1)
    return bytes(code if code in letters else ord(" ") for code in range(256))


_LETTERS = _letters_table()


@cache
def stop_words() -> frozenset[str]:
    """Return the 179 English stop words of NLTK's list (its release with 179 words)."""
    return frozenset(_STOP_WORDS_FILE.read_text(encoding="utf-8").split())


def drop_header(post: str) -> str:
    """Return what follows the first five lines, in which nearly every post has its header."""
    lines = post.split("\n", HEADER_LINES)
    return lines[HEADER_LINES] if len(lines) > HEADER_LINES else ""


def letters_only(text: str) -> str:
    """Return the text in lower case with a space for everything but the letters a to z.

    Lower case comes first: it turns a few letters outside ASCII into ASCII ones (the Kelvin sign
    into k). Whatever is still outside becomes a question mark, and so a space.
    """
    return text.lower().encode("ascii", "replace").translate(_LETTERS).decode("ascii")


def drop_stop_words(text: str) -> str:
    """Return the words that are not stop words, one space between them."""
    dropped = stop_words()
    return " ".join([word for word in text.split() if word not in dropped])


def clean_post(post: str) -> str:
    """Return the words of a post: no header, lower case, letters only, no stop words."""
    return drop_stop_words(letters_only(drop_header(post)))


def clean_posts(posts: Iterable[str]) -> list[str]:
    """Clean many posts; the first step of the fitted pipeline."""
    return [clean_post(post) for post in posts]


def words(cleaned: str) -> list[str]:
    """Return the words of a cleaned text that count as features: those of two letters and more.

    On cleaned text this equals scikit-learn's default token pattern.
    """
    return [word for word in cleaned.split() if len(word) > 1]


def words_and_pairs(cleaned: str) -> list[str]:
    """Return the words of a cleaned text that count as features, and each two that follow."""
    found = words(cleaned)
    return found + [f"{first} {second}" for first, second in pairwise(found)]

"""Clean Reddit posts: lower case, no punctuation, single spaces between words.

Apostrophes within words are kept ("weren't"), as in the posts of the tutorial. Cleaning a cleaned
text changes nothing, so the same function is used for raw and wrangled posts.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+(?:'\w+)*")
_APOSTROPHES = str.maketrans("\u2018\u2019\u201b", "'''")


def join_post(title: str, text: str) -> str:
    """Return the title and the text, if there is one, on separate lines."""
    return "\n".join(part.strip() for part in (title, text) if part.strip())


def clean_post(post: str) -> str:
    """Return the words of a post in lower case, separated by single spaces."""
    return " ".join(_WORD.findall(post.lower().translate(_APOSTROPHES)))


def first_words(posts: Iterable[str], count: int) -> list[str]:
    """Return the first `count` words of cleaned posts, which include their titles."""
    return [" ".join(post.split(" ", count)[:count]) for post in posts]


def clean_posts(posts: Iterable[str]) -> list[str]:
    """Clean posts; the first step of the fitted pipelines."""
    return [clean_post(post) for post in posts]

"""Clean posts of Reddit: lower case, no punctuation, one space between words.

Apostrophes inside a word stay ("weren't"), as in the posts of the tutorial. A text that was cleaned
is left as it is, so one function serves raw and wrangled posts, in training and in serving.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+(?:'\w+)*")
_APOSTROPHES = str.maketrans("\u2018\u2019\u201b", "'''")


def join_post(title: str, text: str) -> str:
    """Return title and text as one text, a line each; a post may have a title alone."""
    return "\n".join(part.strip() for part in (title, text) if part.strip())


def clean_post(post: str) -> str:
    """Return the words of a post in lower case, one space between them."""
    return " ".join(_WORD.findall(post.lower().translate(_APOSTROPHES)))


def first_words(posts: Iterable[str], count: int) -> list[str]:
    """Return the first words of cleaned posts, where their titles are."""
    return [" ".join(post.split(" ", count)[:count]) for post in posts]


def clean_posts(posts: Iterable[str]) -> list[str]:
    """Clean many posts; the first step of the fitted pipelines."""
    return [clean_post(post) for post in posts]

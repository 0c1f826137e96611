"""Clean and train on ten times the posts."""

import re
from typing import Any

from benchmarks.measure import row, spread, timed
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recipes.newsgroups import NAIVE_BAYES

_TIMES = 10
_EVERY = 20  # in each copy, one word in this many is new
_REPEATS = 3
_WORDS = re.compile(r"([a-zA-Z]+)")


def rows() -> list[dict[str, Any]]:
    """Return one row: the time per post of the larger corpus divided by that of the real one."""
    dataset = load_newsgroups()
    posts, labels = dataset.train["data"].tolist(), dataset.train["label"].tolist()
    larger = [with_new_words(post, copy) for copy in range(_TIMES) for post in posts]
    ratios = []
    for _ in range(_REPEATS):
        once = _seconds(posts, labels)
        ratios.append(_seconds(larger, labels * _TIMES) / _TIMES / once)
    what = f"cleaning and training, time per post on {len(posts):,} posts"
    against = f"on {len(larger):,}, one word in {_EVERY} new"
    return [row(what, against, dataset.source, spread(ratios))]


def with_new_words(post: str, copy: int) -> str:
    """Return a post in which one word in twenty is replaced by a word of this copy only."""
    ending = "".join(chr(ord("a") + int(digit)) for digit in str(copy))
    parts = _WORDS.split(post)  # words are at odd positions
    parts[1 :: 2 * _EVERY] = [f"{word}{ending}q" for word in parts[1 :: 2 * _EVERY]]
    return "".join(parts)


def _seconds(posts: list[str], labels: list[int]) -> float:
    pipeline = NAIVE_BAYES.build(NAIVE_BAYES.defaults)
    return timed(lambda: pipeline.fit(posts, labels))[0]

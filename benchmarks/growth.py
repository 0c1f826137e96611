"""Clean and train on ten times the posts, and split ten times the rows of an own file."""

import re
import time
from typing import Any

from benchmarks import own_files
from benchmarks.measure import figures, spread
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recipes.newsgroups_naive_bayes import NAIVE_BAYES

_TIMES = 10
_EVERY = 20  # in each copy, one word in this many is new
_REPEATS = 3
_WORDS = re.compile(r"([a-zA-Z]+)")


def rows() -> list[dict[str, Any]]:
    """Return the time per post of the larger corpus divided by that of the real one; own files."""
    dataset = load_newsgroups()
    posts, labels = dataset.train["data"].tolist(), dataset.train["label"].tolist()
    larger = [with_new_words(post, copy) for copy in range(_TIMES) for post in posts]
    ratios = []
    for _ in range(_REPEATS):
        once = _seconds(posts, labels)
        ratios.append(_seconds(larger, labels * _TIMES) / _TIMES / once)
    return [
        {
            "measurement": f"cleaning and training, time per post on {len(posts):,} posts",
            "compared with": f"on {len(larger):,}, one word in {_EVERY} new",
            "data": dataset.source,
            **figures(spread(ratios)),
        },
        *own_files.rows(),
    ]


def with_new_words(post: str, copy: int) -> str:
    """Return a post in which one word in twenty is replaced by a word of this copy only."""
    ending = "".join(chr(ord("a") + int(digit)) for digit in str(copy))
    parts = _WORDS.split(post)  # words are at odd positions
    parts[1 :: 2 * _EVERY] = [f"{word}{ending}q" for word in parts[1 :: 2 * _EVERY]]
    return "".join(parts)


def _seconds(posts: list[str], labels: list[int]) -> float:
    pipeline = NAIVE_BAYES.build(NAIVE_BAYES.defaults)
    began = time.perf_counter()
    pipeline.fit(posts, labels)
    return time.perf_counter() - began

"""Cleaning and training on ten times the posts, fresh words mixed in: time a post."""

import re
import time
from typing import Any

from benchmarks.measure import figures, spread
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recipes.newsgroups_naive_bayes import build_naive_bayes

_TIMES = 10
_EVERY = 20  # one word in so many is fresh in each copy
_REPEATS = 3
_WORDS = re.compile(r"([a-zA-Z]+)")


def rows() -> list[dict[str, Any]]:
    """Return one row: the time a post of the larger corpus over that of the real one."""
    dataset = load_newsgroups()
    posts, labels = dataset.train["data"].tolist(), dataset.train["label"].tolist()
    larger = [with_fresh_words(post, copy) for copy in range(_TIMES) for post in posts]
    ratios = []
    for _ in range(_REPEATS):
        once = _seconds(posts, labels)
        ratios.append(_seconds(larger, labels * _TIMES) / _TIMES / once)
    return [
        {
            "what": f"cleaning and training, time a post on {len(posts):,} posts",
            "against": f"on {len(larger):,}, one word in {_EVERY} fresh",
            "data": dataset.source,
            **figures(spread(ratios)),
        }
    ]


def with_fresh_words(post: str, copy: int) -> str:
    """Return a post with one word in twenty replaced by a word that only this copy has."""
    ending = "".join(chr(ord("a") + int(digit)) for digit in str(copy))
    parts = _WORDS.split(post)  # words stand at odd places
    parts[1 :: 2 * _EVERY] = [f"{word}{ending}q" for word in parts[1 :: 2 * _EVERY]]
    return "".join(parts)


def _seconds(posts: list[str], labels: list[int]) -> float:
    began = time.perf_counter()
    build_naive_bayes().fit(posts, labels)
    return time.perf_counter() - began

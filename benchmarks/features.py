"""Weigh the n-grams of posts by array hashing and by TfidfVectorizer.

python -m benchmarks.features ours|baseline   (one side, in its own process; `make bench` compares)
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.account import run_module
from benchmarks.measure import Ratio, ratio, row, spread
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.hashed_text.blocks import PIECES, WORDS, Block
from newsgroup_classifier.hashed_text.vocabulary import Rows, Vocabulary, learn

_REPEATS = 3
_CHARACTERS = 1500  # of a post that are cut into n-grams of characters
_BLOCKS = (Block(WORDS, 1, 2), Block(PIECES, 3, 5, characters=_CHARACTERS, min_df=2))
_SHORT = "Which modem is the fastest for a Macintosh, and where can I buy it?"
_TOLERANCE = 1e-6
Texts = Sequence[str]


class Hashed:
    """Array hashing."""

    def fit(self, texts: Texts) -> list[csr_array]:
        """Learn the n-grams of texts, and return their rows."""
        self._vocabularies: list[Vocabulary] = []
        matrices = []
        for block in _BLOCKS:
            vocabulary, rows = learn(block, texts)
            self._vocabularies.append(vocabulary)
            matrices.append(_matrix(vocabulary, rows))
        return matrices

    def transform(self, texts: Texts) -> list[csr_array]:
        """Return the rows of texts."""
        return [_matrix(each, each.weigh(texts)) for each in self._vocabularies]


class Vectorized:
    """scikit-learn's vectorizers."""

    def __init__(self) -> None:
        words: dict[str, Any] = {"token_pattern": r"(?u)\w+", "ngram_range": (1, 2)}
        self._words = TfidfVectorizer(sublinear_tf=True, **words)
        self._characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True
        )

    def fit(self, texts: Texts) -> list[csr_array]:
        """Learn the n-grams of texts, and return their rows."""
        starts = [text[:_CHARACTERS] for text in texts]
        return [self._words.fit_transform(texts), self._characters.fit_transform(starts)]

    def transform(self, texts: Texts) -> list[csr_array]:
        """Return the rows of texts."""
        starts = [text[:_CHARACTERS] for text in texts]
        return [self._words.transform(texts), self._characters.transform(starts)]


_SIDES: dict[str, type[Hashed | Vectorized]] = {"ours": Hashed, "baseline": Vectorized}


def rows() -> list[dict[str, Any]]:
    """Return the rows of time and memory; both sides must have equal products of their rows.

    The CPU time of fitting, that of weighing the test posts, and the memory are those of processes
    of their own. It needs the real posts.
    """
    processes = [
        tuple(run_module("benchmarks.features", side) for side in _SIDES) for _ in range(_REPEATS)
    ]
    compared = [
        _row(what, spread([theirs[key] / ours[key] for ours, theirs in processes]))
        for key, what in (
            ("fit", "fit 11,314 posts"),
            ("transform", "transform 7,532 posts"),
            ("peak", "peak memory of both"),
        )
    ]
    dataset = load_newsgroups()
    train, test = dataset.train["data"].tolist(), dataset.test["data"].tolist()
    ours, theirs = Hashed(), Vectorized()
    _check(ours.fit(train), theirs.fit(train))
    post = sorted(test, key=len)[len(test) * 3 // 4]
    for what, texts in (
        (f"transform one text of {len(_SHORT)} characters", [_SHORT]),
        (f"transform one post of {len(post):,} characters", [post]),
        ("transform 100 posts", test[:100]),
    ):
        _check(ours.transform(texts), theirs.transform(texts))
        taken = ratio(partial(ours.transform, texts), partial(theirs.transform, texts))
        compared.append(_row(what, taken))
    return compared


def _row(what: str, taken: Ratio) -> dict[str, Any]:
    against = "TfidfVectorizer, words 1-2 and characters 3-5 in words"
    return row(f"n-grams: {what}", against, "20 Newsgroups (bydate)", taken)


def _check(ours: list[csr_array], theirs: list[csr_array]) -> None:
    """Compare the shapes, and the products of the first rows, which no order of columns changes."""
    for own, other in zip(ours, theirs, strict=True):
        first, second = own[:100].astype(float), other[:100]
        difference = abs(first @ first.T - second @ second.T).max()
        if own.shape != other.shape or difference > _TOLERANCE:
            raise AssertionError(f"{own.shape} and {other.shape} differ by {difference}")


def _matrix(vocabulary: Vocabulary, rows: Rows) -> csr_array:
    shape = (len(rows.indptr) - 1, len(vocabulary.keys))
    return csr_array((rows.data, rows.indices, rows.indptr), shape=shape)


def _costs(side: Hashed | Vectorized) -> dict[str, float]:
    """Return the CPU seconds of one side, and the memory that it took beyond the posts."""
    dataset = load_newsgroups()
    train, test = dataset.train["data"].tolist(), dataset.test["data"].tolist()
    before = _peak()
    began = time.process_time()
    side.fit(train)
    fitted = time.process_time()
    side.transform(test)
    ended = time.process_time()
    return {"fit": fitted - began, "transform": ended - fitted, "peak": _peak() - before}


def _peak() -> float:
    """Return the most memory that this process had so far, in KB."""
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    print(json.dumps(_costs(_SIDES[sys.argv[1]]())))

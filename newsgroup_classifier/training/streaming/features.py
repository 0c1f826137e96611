"""What the first pass over a stream learns for the features: a vocabulary, or frequencies alone.

The transformers are scikit-learn's own. They are not fitted but given what fitting on all texts at
once would have found, so that what is saved and served is the same.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.training.streaming.bounded_counts import BoundedCounts

_COUNTED = 4  # times the terms that are kept are counted at most


class VocabularyLearner:
    """Learns the terms of a TfidfVectorizer, the `most` that are in most texts."""

    def __init__(self, vectorizer: TfidfVectorizer, most: int) -> None:
        self._vectorizer, self._most = vectorizer, most
        self._analyze = vectorizer.build_analyzer()
        self._frequencies = BoundedCounts(_COUNTED * most)
        self._texts = 0

    def learn(self, texts: list[str]) -> None:
        """Count in how many texts each term is."""
        for text in texts:  # one by one: the terms of a batch are more than are kept
            self._frequencies.update(set(self._analyze(text)))
        self._texts += len(texts)

    def finish(self) -> int:
        """Give the vectorizer its terms and their weights; return how many terms there are."""
        least = self._vectorizer.min_df
        kept = [pair for pair in self._frequencies.counts.items() if pair[1] >= least]
        kept.sort(key=lambda pair: (-pair[1], pair[0]))
        kept = sorted(kept[: self._most])
        if kept:
            self._vectorizer.vocabulary_ = {term: place for place, (term, _) in enumerate(kept)}
            found = np.array([count for _, count in kept], dtype=np.float64)
            self._vectorizer.idf_ = _idf(found, self._texts)
        if self._frequencies.short:
            print(f"rare terms were forgotten: counts may be {self._frequencies.short} short")
        return len(kept)


class FrequencyLearner:
    """Learns the document frequencies of a TfidfTransformer over columns of counts."""

    def __init__(self, transformer: TfidfTransformer) -> None:
        self._transformer = transformer
        self._frequencies: Any = 0
        self._texts = 0

    def learn(self, counts: csr_matrix) -> None:
        """Count in how many texts each column is."""
        self._frequencies += np.bincount(counts.indices, minlength=counts.shape[1])
        self._texts += counts.shape[0]

    def finish(self) -> int:
        """Give the transformer its weights; return how many columns have any text."""
        found = self._frequencies.astype(np.float64)
        self._transformer.fit(csr_matrix((1, len(found))))  # it learns how wide its rows are
        self._transformer.idf_ = _idf(found, self._texts)
        return int(np.count_nonzero(found))


Learner = VocabularyLearner | FrequencyLearner


def learner_of(step: Any, terms: int) -> Learner:
    """Return what learns for a step; raise HyperparameterError for one that cannot stream."""
    if isinstance(step, TfidfVectorizer) and isinstance(step.min_df, int):
        return VocabularyLearner(step, terms)
    if isinstance(step, TfidfTransformer):
        return FrequencyLearner(step)
    raise HyperparameterError(
        f"reading=stream cannot learn the step {type(step).__name__} batch by batch; train this "
        "recipe with reading=whole"
    )


def _idf(frequencies: np.ndarray, texts: int) -> np.ndarray:
    """Return the smoothed inverse document frequencies, as scikit-learn computes them."""
    return np.log((texts + 1.0) / (frequencies + 1.0)) + 1.0


def needs_fitting(step: Any) -> bool:
    """Tell whether a step learns from texts, as its tag says."""
    return bool(step.__sklearn_tags__().requires_fit)


def through(steps: Iterable[Any], texts: list[str]) -> Any:
    """Return texts as fitted steps transform them."""
    rows: Any = texts
    for step in steps:
        rows = step.transform(rows)
    return rows

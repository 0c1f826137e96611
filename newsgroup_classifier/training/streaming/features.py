"""Learn features in the first pass over a stream: a vocabulary, or only document frequencies.

The transformers are scikit-learn's own. Instead of being fitted, they get the attributes that
fitting on all texts at once would give them, so that the saved model is the same.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.evaluation.quality import empty_rows
from newsgroup_classifier.training.streaming.bounded_counts import BoundedCounts

_COUNTED = 4  # times max_features: the number of terms that are counted
# The parameters that learning in a stream does not heed, with the values that it stands for.
_FIXED = {"max_df": 1.0, "vocabulary": None, "use_idf": True, "smooth_idf": True}


class VocabularyLearner:
    """Learn the `max_features` most frequent terms for a TfidfVectorizer."""

    def __init__(self, vectorizer: TfidfVectorizer, max_features: int) -> None:
        self._vectorizer, self._max_features = vectorizer, max_features
        self._analyze = vectorizer.build_analyzer()
        self._frequencies = BoundedCounts(_COUNTED * max_features)
        self._texts = 0
        self.empty = 0  # texts without a term

    def learn(self, texts: list[str]) -> None:
        """Count the texts in which each term occurs."""
        for text in texts:  # one by one, because a batch may have more terms than the bound
            terms = set(self._analyze(text))
            self._frequencies.update(terms)
            self.empty += not terms
        self._texts += len(texts)

    def finish(self) -> int:
        """Set the vectorizer's vocabulary and weights; return the number of terms."""
        min_df = self._vectorizer.min_df
        terms = [pair for pair in self._frequencies.counts.items() if pair[1] >= min_df]
        terms.sort(key=lambda pair: (-pair[1], pair[0]))
        terms = sorted(terms[: self._max_features])
        if terms:
            self._vectorizer.vocabulary_ = {term: index for index, (term, _) in enumerate(terms)}
            frequencies = np.array([count for _, count in terms], dtype=np.float64)
            self._vectorizer.idf_ = _idf(frequencies, self._texts)
        if self._frequencies.error:
            print(f"rare terms were dropped: counts may be too low by {self._frequencies.error}")
        return len(terms)


class FrequencyLearner:
    """Learn the document frequencies of hashed columns for a TfidfTransformer."""

    def __init__(self, transformer: TfidfTransformer) -> None:
        self._transformer = transformer
        self._frequencies: Any = 0
        self._texts = 0
        self.empty = 0  # texts without a term

    def learn(self, counts: csr_matrix) -> None:
        """Count the texts in which each column is not zero."""
        self._frequencies += np.bincount(counts.indices, minlength=counts.shape[1])
        self._texts += counts.shape[0]
        self.empty += empty_rows(counts) or 0

    def finish(self) -> int:
        """Set the transformer's weights; return the number of columns that occur in a text."""
        frequencies = self._frequencies.astype(np.float64)
        self._transformer.fit(csr_matrix((1, len(frequencies))))  # sets the number of columns
        self._transformer.idf_ = _idf(frequencies, self._texts)
        return int(np.count_nonzero(frequencies))


Learner = VocabularyLearner | FrequencyLearner


def learner_of(step: Any, max_features: int) -> Learner:
    """Return the learner of a step; raise HyperparameterError if it cannot learn from a stream."""
    changed = [name for name, value in _FIXED.items() if getattr(step, name, value) != value]
    if isinstance(step, TfidfVectorizer) and isinstance(step.min_df, int) and not changed:
        return VocabularyLearner(step, max_features)
    if isinstance(step, TfidfTransformer) and not changed:
        return FrequencyLearner(step)
    parameters = f" with {', '.join(changed)}" if changed else ""
    raise HyperparameterError(
        f"reading=stream cannot fit the step {type(step).__name__}{parameters} batch by batch. "
        "Train this recipe with reading=whole."
    )


def _idf(frequencies: np.ndarray, texts: int) -> np.ndarray:
    """Return the smoothed inverse document frequencies, as scikit-learn computes them."""
    return np.log((texts + 1.0) / (frequencies + 1.0)) + 1.0


def transform(steps: Iterable[Any], texts: list[str]) -> Any:
    """Return texts after a sequence of fitted steps."""
    rows: Any = texts
    for step in steps:
        rows = step.transform(rows)
    return rows

"""Topics of single labels side by side: LDA fitted on the rows of each label by itself.

LDA does not look at labels, and what it finds in sentences is rarely who wrote them. Topics that
are fitted on one author's rows at a time and then put next to each other say by their shares whose
words a sentence has (as Ramage et al., "Labeled LDA", EMNLP 2009, tie topics to labels).
"""

import copy
from typing import Any

import numpy as np
from sklearn.base import TransformerMixin, clone
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from newsgroup_classifier.estimators.counted_rows import CountedRows


class LabelTopics(TransformerMixin, CountedRows):
    """A topic model of all rows or, `by_label`, of as many topics for each label.

    `topics` is an unfitted LatentDirichletAllocation. Its word weights are rounded to single
    precision once it is fitted, so that half the bytes hold all of the model that scores.
    """

    def __init__(self, topics: Any, by_label: bool = False) -> None:
        self.topics = topics
        self.by_label = by_label

    def fit(self, X: Any, y: Any = None) -> "LabelTopics":
        """Fit the topics, and put those of all labels together in the order of the labels."""
        rows = self._check(X, reset=True)
        parts = [rows]
        if self.by_label:
            labels = validate_data(self, y=y)  # None is refused: the tags say so
            check_classification_targets(labels)
            check_consistent_length(rows, labels)
            parts = [rows[np.flatnonzero(labels == label)] for label in np.unique(labels)]
        fitted = [clone(self.topics).fit(part) for part in parts]
        self.topics_ = copy.copy(fitted[0])
        self.topics_.components_ = np.concatenate([model.components_ for model in fitted])
        # Each topic's weights are those of its own words alone, so they can be put together too.
        weights = np.concatenate([model.exp_dirichlet_component_ for model in fitted])
        self.topics_.exp_dirichlet_component_ = weights.astype(np.float32).astype(weights.dtype)
        return self

    def transform(self, X: Any) -> Any:
        """Return the share of each topic in each row."""
        check_is_fitted(self)
        return self.topics_.transform(self._check(X, reset=False))

    def _check(self, X: Any, reset: bool) -> Any:
        return validate_data(
            self,
            X,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_non_negative=True,
            reset=reset,
        )

    def __sklearn_tags__(self) -> Any:
        """Say whether labels are needed, too."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.by_label
        return tags

"""Topics per label: LDA fitted on the rows of each label separately.

LDA ignores labels, and its topics of sentences rarely separate authors. The shares of topics that
were fitted on one author at a time say whose words a sentence has (Ramage et al., "Labeled LDA",
EMNLP 2009, also tie topics to labels).
"""

import copy
from typing import Any

import numpy as np
from sklearn.base import TransformerMixin, clone
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from newsgroup_classifier.estimators.linear_sum import CountedRows


class LabelTopics(TransformerMixin, CountedRows):
    """A topic model of all rows or, with `by_label`, one of the same size for each label.

    `topics` is an unfitted LatentDirichletAllocation. Its fitted word weights are rounded to single
    precision, so that the exported file has the same model in half the bytes.
    """

    def __init__(self, topics: Any, by_label: bool = False) -> None:
        self.topics = topics
        self.by_label = by_label

    def fit(self, X: Any, y: Any = None) -> "LabelTopics":
        """Fit the topics; those of several labels are joined in the order of the labels."""
        rows = self._check(X, reset=True)
        parts = [rows]
        if self.by_label:
            labels = validate_data(self, y=y)  # refuses None, as the tags say
            check_classification_targets(labels)
            check_consistent_length(rows, labels)
            parts = [rows[np.flatnonzero(labels == label)] for label in np.unique(labels)]
        models = [clone(self.topics).fit(part) for part in parts]
        self.topics_ = copy.copy(models[0])
        self.topics_.components_ = np.concatenate([model.components_ for model in models])
        # The weights of a topic depend only on its own words, so they can be joined, too.
        weights = np.concatenate([model.exp_dirichlet_component_ for model in models])
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
        """Return tags that say whether labels are required."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.by_label
        return tags

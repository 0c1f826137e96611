"""Fit a classifier on a part of its rows."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class FitOnPart(ClassifierMixin, BaseEstimator):
    """A classifier fitted on a random `part` of the rows, as train_test_split would draw them.

    Part 1 is all of them, in their order.
    """

    def __init__(self, classifier: Any, part: float = 1.0, random_state: int | None = None) -> None:
        self.classifier = classifier
        self.part = part
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "FitOnPart":
        """Fit the classifier on rows drawn without replacement."""
        rows, labels = validate_data(self, X, y)
        check_classification_targets(labels)
        if self.part < 1:
            chosen = self.chosen_rows(len(labels))
            missing = np.setdiff1d(labels, labels[chosen])
            if missing.size:
                raise ValueError(
                    f"part {self.part:g} of the rows has none of the label {missing[0]}"
                )
            rows, labels = rows[chosen], labels[chosen]
        self.classifier_ = clone(self.classifier).fit(rows, labels)
        self.classes_ = self.classifier_.classes_
        return self

    def chosen_rows(self, rows: int) -> Any:
        """Return the numbers of the rows that `fit` looks at, of so many."""
        order = check_random_state(self.random_state).permutation(rows)
        return order[: max(1, int(self.part * rows))]

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each label for each row."""
        check_is_fitted(self)
        return self.classifier_.predict_proba(validate_data(self, X, reset=False))

"""A classifier that is fitted on a part of its rows."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class FitOnPart(ClassifierMixin, BaseEstimator):
    """A classifier fitted on a random `part` of the rows, drawn as train_test_split draws them.

    Part 1 is all rows in their order.
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
            drawn = self.draw_rows(len(labels))
            missing = np.setdiff1d(labels, labels[drawn])
            if missing.size:
                raise ValueError(
                    f"part {self.part:g} of the rows has no row of the label {missing[0]}"
                )
            rows, labels = rows[drawn], labels[drawn]
        self.classifier_ = clone(self.classifier).fit(rows, labels)
        self.classes_ = self.classifier_.classes_
        return self

    def draw_rows(self, count: int) -> Any:
        """Return the numbers of the rows that `fit` uses, of `count` rows."""
        order = check_random_state(self.random_state).permutation(count)
        return order[: max(1, int(self.part * count))]

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each label for each row."""
        check_is_fitted(self)
        return self.classifier_.predict_proba(validate_data(self, X, reset=False))

"""What estimators of word counts and weights tell scikit-learn of their rows."""

from typing import Any

from sklearn.base import BaseEstimator


class CountedRows(BaseEstimator):
    """An estimator whose rows may be sparse and hold no negative number."""

    def __sklearn_tags__(self) -> Any:
        """Say so."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags

"""A base class for estimators of word counts and weights."""

from typing import Any

from sklearn.base import BaseEstimator


class CountedRows(BaseEstimator):
    """An estimator whose rows may be sparse and have no negative numbers."""

    def __sklearn_tags__(self) -> Any:
        """Return tags that allow sparse rows and require non-negative values."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags

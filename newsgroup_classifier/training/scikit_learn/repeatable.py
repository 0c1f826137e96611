"""Remove what differs between runs from a pipeline, so that the same model has the same file."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.tree import BaseDecisionTree


def make_repeatable(pipeline: BaseEstimator) -> None:
    """Remove addresses in memory from vectorizers, and unset memory from trees, in place."""
    for estimator in _estimators(pipeline):
        vars(estimator).pop("_stop_words_id", None)  # only saves a second check of the stop words
        if isinstance(estimator, BaseDecisionTree) and hasattr(estimator, "tree_"):
            _clear_padding(estimator.tree_.__getstate__()["nodes"])  # a view of the tree's memory


def _estimators(value: Any) -> Iterator[BaseEstimator]:
    """Yield the estimators in a value: itself, those of its attributes, and those of its items."""
    if isinstance(value, BaseEstimator):
        yield value
        value = list(vars(value).values())
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel().tolist()
    if isinstance(value, list | tuple):
        for item in value:
            yield from _estimators(item)


def _clear_padding(nodes: np.ndarray) -> None:
    """Set the bytes after the last field of each node to 0, which scikit-learn never sets."""
    end = max(offset + kind.itemsize for kind, offset, *_ in (nodes.dtype.fields or {}).values())
    nodes.view(np.uint8).reshape(len(nodes), -1)[:, end:] = 0

"""Fit a topic model on pools of rows, so that its topics follow the labels.

A sentence has too few words to tell which words go together. Summing many sentences of one author
before the topic model is fitted (pooling, as is done for tweets: Mehrotra et al., SIGIR 2013) gives
topics that differ by author; rows are scored one by one all the same.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data


class PooledTopics(TransformerMixin, BaseEstimator):
    """A topic model fitted on sums of about `pool` rows of one label (1: on the rows themselves).

    `topics` is an unfitted LatentDirichletAllocation. Its word weights are rounded to single
    precision once it is fitted, so that half the bytes hold all of the model that scores.
    """

    def __init__(self, topics: Any, pool: int = 1, random_state: int | None = None) -> None:
        self.topics = topics
        self.pool = pool
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "PooledTopics":
        """Fit the topic model on the pools."""
        rows = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], ensure_non_negative=True
        )
        self.topics_ = clone(self.topics)
        self.topics_.fit(rows if self.pool == 1 else self._pools(rows, y))
        weights = self.topics_.exp_dirichlet_component_
        self.topics_.exp_dirichlet_component_ = weights.astype(np.float32).astype(weights.dtype)
        return self

    def _pools(self, rows: Any, y: Any) -> csr_matrix:
        random = check_random_state(self.random_state)
        rows, labels = csr_matrix(rows), np.zeros(rows.shape[0]) if y is None else np.asarray(y)
        pools = []
        for label in np.unique(labels):
            members = random.permutation(np.flatnonzero(labels == label))
            count = max(1, round(len(members) / self.pool))
            where = (np.arange(len(members)) % count, members)
            sums = csr_matrix((np.ones(len(members)), where), shape=(count, rows.shape[0]))
            pools.append(sums @ rows)
        return vstack(pools).tocsr()

    def transform(self, X: Any) -> Any:
        """Return the share of each topic in each row."""
        check_is_fitted(self)
        rows = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False,
            ensure_non_negative=True,
        )  # fmt: skip
        return self.topics_.transform(rows)

    def __sklearn_tags__(self) -> Any:
        """Say that rows are sparse and hold no negative number."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags

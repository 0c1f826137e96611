"""Count terms in bounded memory, however many different terms there are."""

from collections import Counter
from collections.abc import Collection

import numpy as np


class BoundedCounts:
    """Counts of terms; when there are more than `limit` terms, the rarer half is dropped.

    word2vec prunes its vocabulary in the same way. Up to the limit, all counts are exact; after
    that, a count may be too low by at most `error`.
    """

    def __init__(self, limit: int) -> None:
        self.counts: Counter[str] = Counter()
        self.total = 0  # occurrences, including those of dropped terms
        self.error = 0
        self._limit = limit

    def update(self, terms: Collection[str]) -> None:
        """Count the terms."""
        self.counts.update(terms)
        self.total += len(terms)
        if len(self.counts) > self._limit:
            self._drop_rare()

    def _drop_rare(self) -> None:
        values = np.fromiter(self.counts.values(), dtype=np.int64, count=len(self.counts))
        half = len(values) - self._limit // 2
        cut = int(np.partition(values, half)[half])
        self.counts = Counter({term: count for term, count in self.counts.items() if count > cut})
        self.error += cut

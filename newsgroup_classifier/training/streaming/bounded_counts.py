"""Counts of terms that have a bound, however many different terms there are."""

from collections import Counter
from collections.abc import Collection

import numpy as np


class BoundedCounts:
    """How often terms occur; of more than `most` terms the rarer half is forgotten.

    As word2vec prunes its vocabulary. Nothing is forgotten, and all counts are exact, as long as
    the terms are fewer; afterwards a count may be too low, by `short` at the most.
    """

    def __init__(self, most: int) -> None:
        self.counts: Counter[str] = Counter()
        self.total = 0  # occurrences, those of forgotten terms too
        self.short = 0
        self._most = most

    def update(self, terms: Collection[str]) -> None:
        """Count the terms."""
        self.counts.update(terms)
        self.total += len(terms)
        if len(self.counts) > self._most:
            self._forget()

    def _forget(self) -> None:
        values = np.fromiter(self.counts.values(), dtype=np.int64, count=len(self.counts))
        half = len(values) - self._most // 2
        cut = int(np.partition(values, half)[half])
        self.counts = Counter({term: count for term, count in self.counts.items() if count > cut})
        self.short += cut

"""Fit a classifier with partial_fit, in blocks of rows that fit into memory."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

Rows = tuple[csr_matrix, list[int]]
# Values per block. Channels may be sorted by label, which hurts classifiers that learn by gradient
# descent and shuffle each block. All of 20 Newsgroups is one block.
_BLOCK_VALUES = 2**22


def blocks(rows: Iterable[Rows], values: int) -> Iterator[Rows]:
    """Join batches of features and labels into blocks of about this many values and rows."""
    features: list[csr_matrix] = []
    labels: list[int] = []
    size = 0
    for batch, numbers in rows:
        features.append(batch)
        labels += numbers
        size += batch.nnz + len(numbers)  # an empty row takes memory, too
        if size >= values:
            yield vstack(features, format="csr"), labels
            features, labels, size = [], [], 0
    if features:
        yield vstack(features, format="csr"), labels


def teach(classifier: Any, rows: Iterable[Rows], classes: int) -> int:
    """Fit a classifier on all rows once; return the number of their non-zero values."""
    values = 0
    for features, labels in blocks(rows, _BLOCK_VALUES):
        classifier.partial_fit(features, labels, classes=np.arange(classes))
        values += int(features.count_nonzero())
    return values

"""Teach a classifier by partial_fit, in blocks of rows that fit into memory."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

Rows = tuple[csr_matrix, list[int]]
# Values of a block. Channels may be in the order of their labels, and a classifier that learns by
# gradients must not see them so; it shuffles each block. All of 20 Newsgroups is one block.
_BLOCK_VALUES = 2**22


def blocks(rows: Iterable[Rows], values: int = _BLOCK_VALUES) -> Iterator[Rows]:
    """Join batches of features and labels until they hold so many values and rows."""
    features: list[csr_matrix] = []
    labels: list[int] = []
    held = 0
    for batch, numbers in rows:
        features.append(batch)
        labels += numbers
        held += batch.nnz + len(numbers)  # a row takes memory even if it is empty
        if held >= values:
            yield vstack(features, format="csr"), labels
            features, labels, held = [], [], 0
    if features:
        yield vstack(features, format="csr"), labels


def teach(classifier: Any, rows: Iterable[Rows], classes: int) -> int:
    """Show a classifier all rows once; return how many values they hold."""
    values = 0
    for features, labels in blocks(rows):
        classifier.partial_fit(features, labels, classes=np.arange(classes))
        values += int(features.count_nonzero())
    return values

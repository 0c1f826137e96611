"""Network inputs as arrays, and the batches drawn from them.

Rows of n-grams are as long as their texts. Padded to the longest of all, they would not fit into
memory, so they are stored end to end and padded per batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_ENCODING_BATCH = 1000
Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class EvenRows:
    """Rows of the same length in one array (n, ...), and the data type of the network's input."""

    name: str
    values: np.ndarray
    dtype: str

    def __len__(self) -> int:
        """Return n."""
        return len(self.values)

    @property
    def empty(self) -> int:
        """The number of rows that have only zeros."""
        return int((~self.values.any(axis=tuple(range(1, self.values.ndim)))).sum())

    def take(self, numbers: np.ndarray) -> Batch:
        """Return the rows with these numbers, as an array by the name of the input."""
        return {self.name: self.values[numbers].astype(self.dtype)}


@dataclass(frozen=True)
class WeightedRows:
    """Token ids and their weights, end to end; row i is from `starts[i]` to `starts[i + 1]`."""

    tokens: np.ndarray
    weights: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        """Return n."""
        return len(self.starts) - 1

    @property
    def empty(self) -> int:
        """The number of rows without a token."""
        return int((np.diff(self.starts) == 0).sum())

    def take(self, numbers: np.ndarray) -> Batch:
        """Return the rows with these numbers, padded at the end to the longest of them."""
        starts, lengths = self.starts[numbers], np.diff(self.starts)[numbers]
        width = max(1, int(lengths.max(initial=0)))
        inside = np.arange(width) < lengths[:, None]
        indices = (starts[:, None] + np.arange(width))[inside]
        tokens = np.zeros(inside.shape, dtype="int32")
        weights = np.zeros(inside.shape, dtype="float32")
        tokens[inside], weights[inside] = self.tokens[indices], self.weights[indices]
        return {"tokens": tokens, "weights": weights}


Rows = EvenRows | WeightedRows


def image_rows(images: np.ndarray) -> Rows:
    """Return images, uint8 (n, 28, 28), as rows."""
    return EvenRows("pixels", images, "float32")


def encoded_rows(encoder: Any, texts: Sequence[str]) -> Rows:
    """Return texts as the rows of a fitted encoder."""
    batches = (
        encoder.transform(texts[start : start + _ENCODING_BATCH])
        for start in range(0, len(texts), _ENCODING_BATCH)
    )
    # Padding is removed batch by batch, because all padded rows together may be very large.
    parts = [_unpadded(batch) for batch in batches]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if "weights" not in joined:
        return EvenRows("tokens", joined["tokens"], "int32")
    starts = np.concatenate([[0], np.cumsum(joined["lengths"])])
    return WeightedRows(joined["tokens"], joined["weights"], starts)


def _unpadded(batch: Batch) -> Batch:
    """Return weighted rows end to end with their lengths, and other rows unchanged."""
    if "weights" not in batch:
        return batch
    inside = batch["tokens"] != 0
    return {name: array[inside] for name, array in batch.items()} | {"lengths": inside.sum(axis=1)}


def batches(rows: Rows, size: int) -> Iterator[Batch]:
    """Yield all rows in their order, in batches of `size` rows."""
    for start in range(0, len(rows), size):
        yield rows.take(np.arange(start, min(start + size, len(rows))))

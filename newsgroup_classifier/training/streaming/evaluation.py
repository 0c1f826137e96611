"""Evaluate a pipeline on a stream: metrics of all rows, and scores of a sample for plots."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from newsgroup_classifier.channels.batches import Batch
from newsgroup_classifier.evaluation.metrics import Scores, metrics_of_pairs
from newsgroup_classifier.training.streaming.features import transform

_SAMPLED = 20_000  # rows that the plots show


def evaluate(
    pipeline: Any, batches: Iterable[Batch], label_names: tuple[str, ...], sampled: int = _SAMPLED
) -> tuple[dict[str, float], Scores]:
    """Return the metrics of all rows, and the scores of up to `sampled` random rows."""
    classes = len(label_names)
    confusion = np.zeros((classes, classes), dtype=np.int64)
    sample = _Sample(sampled, classes)
    for batch in batches:
        features = transform(pipeline[:-1], batch.texts)
        predicted = pipeline[-1].predict(features)
        np.add.at(confusion, (batch.labels, predicted), 1)
        rows, indices = sample.draw(len(batch.texts))
        if len(rows):
            sample.numbers[indices] = sample.seen - len(batch.texts) + rows
            sample.labels[indices] = np.asarray(batch.labels)[rows]
            sample.predicted[indices] = predicted[rows]
            sample.probabilities[indices] = pipeline[-1].predict_proba(features[rows])
    return metrics_of_pairs(confusion), sample.scores(label_names, confusion)


class _Sample:
    """A uniform random sample of the rows of a stream (Vitter's algorithm R)."""

    def __init__(self, size: int, classes: int) -> None:
        self.labels = np.zeros(size, dtype=np.int64)
        self.predicted = np.zeros(size, dtype=np.int64)
        self.probabilities = np.zeros((size, classes))
        self.numbers = np.zeros(size, dtype=np.int64)
        self.seen = 0
        self._random = np.random.default_rng(0)

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which of the next `count` rows are sampled, and the indices that they replace."""
        size = len(self.labels)
        numbers = np.arange(self.seen, self.seen + count)
        drawn = np.where(numbers < size, numbers, self._random.integers(0, numbers + 1))
        self.seen += count
        # A later row may replace an earlier one of the same batch.
        last = {int(index): row for row, index in enumerate(drawn) if index < size}
        pairs = sorted((row, index) for index, row in last.items())
        rows, indices = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return rows, indices

    def scores(self, label_names: tuple[str, ...], confusion: np.ndarray) -> Scores:
        """Return the scores of the sampled rows; `confusion` is that of all rows."""
        size = min(self.seen, len(self.labels))
        return Scores(
            labels=self.labels[:size].tolist(),
            predicted=self.predicted[:size].tolist(),
            probabilities=self.probabilities[:size],
            label_names=label_names,
            rows=self.numbers[:size].tolist() if self.seen > size else (),
            all_pairs=confusion,
        )

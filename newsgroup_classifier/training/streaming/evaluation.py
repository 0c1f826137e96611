"""Measure a pipeline on a stream: metrics of all rows, and the scores of some for the pictures."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from newsgroup_classifier.channels.batches import Batch
from newsgroup_classifier.evaluation.metrics import Scores, classification_metrics
from newsgroup_classifier.training.streaming.features import through

_SHOWN = 20_000  # rows that the pictures show: those drawn, if there are more


def evaluate(
    pipeline: Any, batches: Iterable[Batch], label_names: tuple[str, ...], shown: int = _SHOWN
) -> tuple[dict[str, float], Scores]:
    """Return the metrics of all rows, and labels and probabilities of `shown` random ones."""
    classes = len(label_names)
    confusion = np.zeros((classes, classes), dtype=np.int64)
    sample = _Sample(shown, classes)
    for batch in batches:
        features = through(pipeline[:-1], batch.texts)
        predicted = pipeline[-1].predict(features)
        np.add.at(confusion, (batch.labels, predicted), 1)
        chosen = sample.places(len(batch.texts))
        rows = np.array(sorted(chosen), dtype=np.int64)
        if len(rows):
            probabilities = pipeline[-1].predict_proba(features[rows])
            taken = [chosen[row] for row in rows]
            sample.labels[taken] = np.asarray(batch.labels)[rows]
            sample.predicted[taken] = predicted[rows]
            sample.probabilities[taken] = probabilities
    true, given = np.nonzero(confusion)
    counts = confusion[true, given].tolist()
    metrics = classification_metrics(true.tolist(), given.tolist(), counts)
    return metrics, sample.scores(label_names)


class _Sample:
    """Rows drawn from a stream with equal chances, however long it is (Vitter's algorithm R)."""

    def __init__(self, most: int, classes: int) -> None:
        self.labels = np.zeros(most, dtype=np.int64)
        self.predicted = np.zeros(most, dtype=np.int64)
        self.probabilities = np.zeros((most, classes))
        self._seen = 0
        self._random = np.random.default_rng(0)

    def places(self, rows: int) -> dict[int, int]:
        """Return which of the next rows are taken, and in whose place."""
        most = len(self.labels)
        numbers = np.arange(self._seen, self._seen + rows)
        drawn = np.where(numbers < most, numbers, self._random.integers(0, numbers + 1))
        self._seen += rows
        last = {int(place): row for row, place in enumerate(drawn) if place < most}
        return {row: place for place, row in last.items()}

    def scores(self, label_names: tuple[str, ...]) -> Scores:
        held = min(self._seen, len(self.labels))
        return Scores(
            labels=self.labels[:held].tolist(),
            predicted=self.predicted[:held].tolist(),
            probabilities=self.probabilities[:held],
            label_names=label_names,
        )

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
    """Return the metrics of all rows, and the scores of up to `sampled` random rows.

    Each row gets a random number, and the sample has the rows with the smallest ones.
    """
    classes, seen = len(label_names), 0
    confusion = np.zeros((classes, classes), dtype=np.int64)
    random, limit = np.random.default_rng(0), 1.0
    # The random numbers, numbers, labels, predicted labels, and probabilities of the sample.
    sample = [np.zeros(0), *(np.zeros(0, np.int64) for _ in range(3)), np.zeros((0, classes))]
    for batch in batches:
        features = transform(pipeline[:-1], batch.texts)
        predicted = pipeline[-1].predict(features)
        np.add.at(confusion, (batch.labels, predicted), 1)
        drawn = random.random(len(batch.texts))
        rows = np.flatnonzero(drawn < limit)
        if len(rows):
            labels = np.asarray(batch.labels)[rows]
            probabilities = pipeline[-1].predict_proba(features[rows])
            more = (drawn[rows], seen + rows, labels, predicted[rows], probabilities)
            sample = [np.concatenate(both) for both in zip(sample, more, strict=True)]
        if len(sample[0]) > sampled:
            smallest = np.sort(np.argpartition(sample[0], sampled)[:sampled])
            sample = [values[smallest] for values in sample]
            limit = float(sample[0].max())
        seen += len(batch.texts)
    _, numbers, labels, predicted, probabilities = sample
    scores = Scores(
        labels=labels.tolist(),
        predicted=predicted.tolist(),
        probabilities=probabilities,
        label_names=label_names,
        rows=numbers.tolist() if seen > sampled else (),
        all_pairs=confusion,
    )
    return metrics_of_pairs(confusion), scores

"""The figures of a report that other programs read: metrics, intervals, and calibration."""

from typing import Any

import numpy as np

from newsgroup_classifier.evaluation.calibration import answerable, calibration_error
from newsgroup_classifier.evaluation.intervals import LEVEL, RESAMPLES, bootstrap_intervals
from newsgroup_classifier.evaluation.metrics import classification_metrics
from newsgroup_classifier.evaluation.report.evidence import Evidence

TARGET = 0.95  # accuracy that answers should have


def summarize(evidence: Evidence) -> dict[str, Any]:
    """Return headline metrics with their 95 % intervals and baselines, and the calibration.

    The baseline always predicts the largest class of the test examples. Calibration is None if no
    example has valid probabilities.
    """
    scores, valid = evidence.scores, evidence.valid
    labels = np.asarray(scores.labels)
    largest = int(np.bincount(labels).argmax())
    values = classification_metrics(scores.labels, scores.predicted)
    baseline = classification_metrics(scores.labels, [largest] * len(labels))
    intervals = bootstrap_intervals(scores.labels, scores.predicted, len(scores.label_names))
    metrics = {
        name: {"value": values[name], "interval": list(interval), "baseline": baseline[name]}
        for name, interval in intervals.items()
    }
    calibration = None
    if valid.any():
        probabilities = scores.probabilities[valid]
        right = probabilities.argmax(axis=1) == labels[valid]
        share, threshold = answerable(probabilities.max(axis=1), right, TARGET)
        calibration = {
            "error": calibration_error(probabilities, labels[valid]),
            "accuracy": TARGET,
            "answerable_share": share,
            "threshold": threshold,
        }
    return {
        "examples": len(labels),
        "metrics": metrics,
        "largest_class": scores.label_names[largest],
        "interval": {"level": LEVEL, "resamples": RESAMPLES, "method": "percentile bootstrap"},
        "calibration": calibration,
    }

"""The figures of a report that other programs read: metrics, intervals, and calibration."""

from typing import Any

import numpy as np

from newsgroup_classifier.evaluation.calibration import answerable, calibration_error
from newsgroup_classifier.evaluation.intervals import LEVEL, RESAMPLES, bootstrap_intervals
from newsgroup_classifier.evaluation.metrics import metrics_of_pairs
from newsgroup_classifier.evaluation.report.evidence import Evidence

TARGET = 0.95  # accuracy that answers should have


def summarize(evidence: Evidence) -> dict[str, Any]:
    """Return headline metrics with their 95% intervals and baselines, and the calibration.

    The baseline always predicts the largest class of the test examples. Calibration is None if no
    example has valid probabilities.
    """
    confusion = evidence.scores.confusion()
    support = confusion.sum(axis=1)
    largest = int(support.argmax())
    always = np.zeros_like(confusion)
    always[:, largest] = support
    values, baseline = metrics_of_pairs(confusion), metrics_of_pairs(always)
    metrics = {
        name: {"value": values[name], "interval": list(interval), "baseline": baseline[name]}
        for name, interval in bootstrap_intervals(confusion).items()
    }
    calibration = None
    confidence, right = evidence.answers()
    if len(right):
        share, threshold = answerable(confidence, right, TARGET)
        calibration = {
            "error": calibration_error(confidence, right),
            "accuracy": TARGET,
            "answerable_share": share,
            "threshold": threshold,
        }
    return {
        "examples": int(support.sum()),
        "metrics": metrics,
        "largest_class": evidence.scores.label_names[largest],
        "interval": {"level": LEVEL, "resamples": RESAMPLES, "method": "percentile bootstrap"},
        "calibration": calibration,
    }

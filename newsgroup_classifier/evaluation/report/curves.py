"""The plots of a report, each if the evidence has what it shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import auc, precision_recall_curve, roc_curve

from newsgroup_classifier.evaluation.calibration import accuracy_by_share, reliability
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.evaluation.report.figures import (
    SERIES,
    Curve,
    Plot,
    plot_histograms,
    plot_lines,
)
from newsgroup_classifier.evaluation.report.summary import TARGET

_LOWEST_RATE = 1e-3  # false positive rate at the left end of the ROC curves
_SHOWN = 10  # bins of the calibration plot
_FAINT_CURVES = 40


@dataclass(frozen=True)
class Areas:
    """The areas under the curves of a class (0 to 1)."""

    roc: float
    precision_recall: float


def curve_plots(evidence: Evidence) -> tuple[list[Plot], dict[int, Areas]]:
    """Return the plots, and the areas of the classes that have test examples of both kinds."""
    plots, areas = _ranking_plots(evidence)
    if evidence.valid.any():
        plots += [_calibration_plot(evidence), _confidence_plot(evidence)]
    plots += _training_plots(evidence)
    if lengths := {name: each for name, each in evidence.lengths.items() if len(each)}:
        plots.append(plot_histograms("Length of the texts", lengths, "characters of a text"))
    return plots, areas


def _ranking_plots(evidence: Evidence) -> tuple[list[Plot], dict[int, Areas]]:
    """Return the ROC and the precision-recall curves, one class against the rest."""
    scores, valid = evidence.scores, evidence.valid
    labels, names = np.asarray(scores.labels)[valid], scores.label_names
    curves = {}
    for number in np.unique(labels).tolist():
        positive, column = labels == number, scores.probabilities[valid, number]
        if positive.all():  # there is no rest
            continue
        false, true, _ = roc_curve(positive, column)
        precision, recall, _ = precision_recall_curve(positive, column)
        curves[number] = ((false, true), (recall[::-1], precision[::-1]))
    areas = {
        number: Areas(float(auc(*roc)), float(auc(*precision_recall)))
        for number, (roc, precision_recall) in curves.items()
    }
    plots = []
    shapes = (
        ("ROC", "roc", ("false positive rate (logarithmic)", "true positive rate")),
        ("Precision and recall", "precision_recall", ("recall", "precision")),
    )
    for place, (title, name, axes) in enumerate(shapes):
        order = sorted(areas, key=lambda number: getattr(areas[number], name))
        lines = [
            Curve(*curves[number][place], f"{names[number]} ({getattr(areas[number], name):.3f})")
            for number in order[:SERIES]
        ]
        lines += [Curve(*curves[number][place]) for number in order[SERIES:][:_FAINT_CURVES]]
        scale: dict[str, Any] = {"xscale": "log", "xlim": (_LOWEST_RATE, 1)} if place == 0 else {}
        if lines:
            plots.append(plot_lines(_title(title, len(order)), lines, axes, **scale))
    return plots, areas


def _title(title: str, count: int) -> str:
    cut = f" (worst {SERIES} of {count} in color)" if count > SERIES else ""
    return f"{title}, one class against the rest, with the area under the curve{cut}"


def _calibration_plot(evidence: Evidence) -> Plot:
    valid = evidence.valid
    labels = np.asarray(evidence.scores.labels)[valid]
    bins = reliability(evidence.scores.probabilities[valid], labels, _SHOWN)
    confidence, accuracy, _ = map(np.array, zip(*bins, strict=True))
    ideal = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    model = Curve(confidence, accuracy, "this model")
    axes = ("mean confidence of the examples in a bin", "accuracy")
    title = "Calibration: a calibrated model is on the dotted line"
    return plot_lines(title, [ideal, model], axes, marks=True, xlim=(0, 1.02), ylim=(0, 1.02))


def _confidence_plot(evidence: Evidence) -> Plot:
    valid, inputs = evidence.valid, evidence.scores.inputs
    probabilities = evidence.scores.probabilities[valid]
    right = probabilities.argmax(axis=1) == np.asarray(evidence.scores.labels)[valid]
    shares, accuracies, _ = accuracy_by_share(probabilities.max(axis=1), right)
    target = Curve(np.array([0.0, 100.0]), np.array([TARGET, TARGET]))
    axes = (f"share of {inputs} answered, the most confident first (%)", "accuracy of the answers")
    lines = [target, Curve(100 * shares, accuracies, "this model")]
    return plot_lines(f"Confidence and accuracy; dotted: {TARGET:.0%}", lines, axes, xlim=(0, 101))


def _training_plots(evidence: Evidence) -> list[Plot]:
    """Return the learning curve over rows, or the metrics of each epoch."""
    plots = []
    if len(evidence.sizes) > 1:
        rows, accuracies = (np.array(each) for each in zip(*evidence.sizes.items(), strict=True))
        curve = Curve(rows, accuracies, "accuracy on the test examples")
        axes = ("train examples of the classifier", "accuracy")
        plots.append(plot_lines("Learning curve", [curve], axes, marks=True))
    epochs = np.arange(1, len(evidence.history) + 1)
    for metric in ("loss", "accuracy") if evidence.history else ():
        lines = [
            Curve(epochs, np.array([epoch[f"{kind}:{metric}"] for epoch in evidence.history]), kind)
            for kind in ("train", "validation")
        ]
        title = f"Learning curve: {metric} per epoch; dotted: the epoch that is used"
        axes = ("epoch", metric)
        plots.append(plot_lines(title, lines, axes, marks=True, vertical=evidence.saved))
    return plots

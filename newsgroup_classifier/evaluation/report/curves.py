"""The plots of a report, each if the evidence has what it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from newsgroup_classifier.evaluation.calibration import accuracy_by_share, reliability
from newsgroup_classifier.evaluation.learning_curves import epoch_series
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
    """The area under the ROC curve of a class, and its average precision (0 to 1)."""

    roc: float
    precision: float


@dataclass(frozen=True)
class _Shape:
    """A kind of curve of one class against the rest: its title, axes, and points (x, y)."""

    title: str
    area: str  # the member of Areas
    axes: tuple[str, str]
    points: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    scale: Mapping[str, Any] = field(default_factory=dict)


def _precision_by_recall(
    positive: np.ndarray, probabilities: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    precision, recall, _ = precision_recall_curve(positive, probabilities, drop_intermediate=True)
    return recall[::-1], precision[::-1]


_SHAPES = (
    _Shape(
        "ROC, one class against the rest, with the area under the curve",
        "roc",
        ("false positive rate (logarithmic)", "true positive rate"),
        lambda positive, probabilities: roc_curve(positive, probabilities)[:2],
        {"xscale": "log", "xlim": (_LOWEST_RATE, 1)},
    ),
    _Shape(
        "Precision and recall, one class against the rest, with the average precision",
        "precision",
        ("recall", "precision"),
        _precision_by_recall,
    ),
)


def curve_plots(evidence: Evidence) -> tuple[list[Plot], dict[int, Areas]]:
    """Return the plots, and the areas of the classes that have test examples of both kinds."""
    plots, areas = _ranking_plots(evidence)
    confidence, right = evidence.answers()
    if len(right):
        plots.append(_calibration_plot(confidence, right))
        plots.append(_confidence_plot(confidence, right, evidence.scores.inputs))
    plots += _training_plots(evidence)
    if lengths := {name: each for name, each in evidence.lengths.items() if len(each)}:
        plots.append(plot_histograms("Length of the texts", lengths, "characters of a text"))
    return plots, areas


def _ranking_plots(evidence: Evidence) -> tuple[list[Plot], dict[int, Areas]]:
    """Return the ROC and the precision-recall curves, one class against the rest."""
    scores, valid = evidence.scores, evidence.valid
    labels, names = np.asarray(scores.labels)[valid], scores.label_names

    def against_rest(number: int) -> tuple[np.ndarray, np.ndarray]:
        return labels == number, scores.probabilities[valid, number]

    areas = {
        number: Areas(
            *(
                float(area(*against_rest(number)))
                for area in (roc_auc_score, average_precision_score)
            )
        )
        for number, count in enumerate(np.bincount(labels).tolist())
        if 0 < count < len(labels)  # other classes to rank against
    }
    plots = []
    for shape in _SHAPES if areas else ():
        of_class = {number: getattr(areas[number], shape.area) for number in areas}
        order = sorted(areas, key=of_class.__getitem__)
        lines = [
            Curve(
                *shape.points(*against_rest(number)),
                f"{names[number]} ({of_class[number]:.3f})" if place < SERIES else "",
            )
            for place, number in enumerate(order[: SERIES + _FAINT_CURVES])
        ]
        cut = f" (worst {SERIES} of {len(order)} in color)" if len(order) > SERIES else ""
        plots.append(plot_lines(f"{shape.title}{cut}", lines, shape.axes, **shape.scale))
    return plots, areas


def _calibration_plot(confidence: np.ndarray, right: np.ndarray) -> Plot:
    bins = reliability(confidence, right, _SHOWN)
    means, accuracies, _ = map(np.array, zip(*bins, strict=True))
    ideal = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    model = Curve(means, accuracies, "this model")
    axes = ("mean confidence of the examples in a bin", "accuracy")
    title = "Calibration: a calibrated model is on the dotted line"
    return plot_lines(title, [ideal, model], axes, marks=True, xlim=(0, 1.02), ylim=(0, 1.02))


def _confidence_plot(confidence: np.ndarray, right: np.ndarray, inputs: str) -> Plot:
    shares, accuracies, _ = accuracy_by_share(confidence, right)
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
    for metric, series in epoch_series(evidence.history).items():
        lines = [Curve(epochs, values, kind) for kind, (epochs, values) in series.items()]
        title = f"Learning curve: {metric} per epoch; dotted: the epoch that is used"
        axes = ("epoch", metric)
        plots.append(plot_lines(title, lines, axes, marks=True, vertical=evidence.saved))
    return plots

"""The plots of a report, each if the evidence has what it shows."""

import numpy as np

from newsgroup_classifier.evaluation.calibration import accuracy_by_share, reliability
from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.evaluation.plots import epoch_series
from newsgroup_classifier.evaluation.ranking import Curve
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.evaluation.report.figures import (
    SERIES,
    Axis,
    Line,
    Plot,
    plot_histograms,
    plot_lines,
)
from newsgroup_classifier.evaluation.report.summary import TARGET

_LOWEST_RATE = 1e-3  # false positive rate at the left end of the ROC curves
_SHOWN = 10  # bins of the calibration plot
_FAINT_CURVES = 40
_SHARE = (0.0, 1.02)  # limits of an axis of shares, so that the line at 1 is whole


def curve_plots(evidence: Evidence) -> list[Plot]:
    """Return the plots."""
    plots = _ranking_plots(evidence.scores)
    confidence, right = evidence.answers()
    if len(right):
        plots.append(_calibration_plot(confidence, right))
        plots.append(_confidence_plot(confidence, right, evidence.scores.inputs))
    plots += _training_plots(evidence)
    if lengths := {name: each for name, each in evidence.lengths.items() if len(each)}:
        plots.append(plot_histograms("Length of the texts", lengths, "characters of a text"))
    return plots


def _ranking_plots(scores: Scores) -> list[Plot]:
    """Return the ROC and the precision-recall curves, if there are classes to rank."""
    rankings = scores.rankings
    if not rankings:
        return []
    rate = Axis("false positive rate (logarithmic)", (_LOWEST_RATE, 1), logarithmic=True)
    return [
        _ranking_plot(
            "ROC, one class against the rest, with the area under the curve",
            {scores.label_names[number]: each.roc for number, each in rankings.items()},
            (rate, Axis("true positive rate", _SHARE)),
        ),
        _ranking_plot(
            "Precision and recall, one class against the rest, with the average precision",
            {scores.label_names[number]: each.precision for number, each in rankings.items()},
            (Axis("recall", _SHARE), Axis("precision", _SHARE)),
        ),
    ]


def _ranking_plot(title: str, curves: dict[str, Curve], axes: tuple[Axis, Axis]) -> Plot:
    """Return the curves of the classes with the smallest areas, of which the worst have names."""
    order = sorted(curves, key=lambda name: curves[name].area)[: SERIES + _FAINT_CURVES]
    lines = [
        Line(one.x, one.y, f"{name} ({one.area:.3f})" if place < SERIES else "")
        for place, name in enumerate(order)
        for one in [curves[name]]
    ]
    cut = f" (worst {SERIES} of {len(curves)} in color)" if len(curves) > SERIES else ""
    return plot_lines(f"{title}{cut}", lines, axes)


def _calibration_plot(confidence: np.ndarray, right: np.ndarray) -> Plot:
    bins = reliability(confidence, right, _SHOWN)
    means, accuracies, _ = map(np.array, zip(*bins, strict=True))
    ideal = Line(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    model = Line(means, accuracies, "this model")
    axes = (Axis("mean confidence of the examples in a bin", _SHARE), Axis("accuracy", _SHARE))
    title = "Calibration: a calibrated model is on the dotted line"
    return plot_lines(title, [ideal, model], axes, marks=True)


def _confidence_plot(confidence: np.ndarray, right: np.ndarray, inputs: str) -> Plot:
    shares, accuracies, _ = accuracy_by_share(confidence, right)
    target = Line(np.array([0.0, 100.0]), np.array([TARGET, TARGET]))
    share = Axis(f"share of {inputs} answered, the most confident first (%)", (0, 101))
    lines = [target, Line(100 * shares, accuracies, "this model")]
    axes = (share, Axis("accuracy of the answers"))
    return plot_lines(f"Confidence and accuracy; dotted: {TARGET:.0%}", lines, axes)


def _training_plots(evidence: Evidence) -> list[Plot]:
    """Return the learning curve over rows, or the metrics of each epoch."""
    plots = []
    if evidence.sizes:
        rows, accuracies = (np.array(each) for each in zip(*evidence.sizes.items(), strict=True))
        line = Line(rows, accuracies, "accuracy on the test examples")
        axes = (Axis("train examples of the classifier", whole=True), Axis("accuracy"))
        plots.append(plot_lines("Learning curve", [line], axes, marks=True))
    for metric, series in epoch_series(evidence.history).items():
        lines = [Line(epochs, values, kind) for kind, (epochs, values) in series.items()]
        title = f"Learning curve: {metric} per epoch; dotted: the epoch that is used"
        axes = (Axis("epoch", whole=True), Axis(metric))
        plots.append(plot_lines(title, lines, axes, marks=True, vertical=evidence.saved))
    return plots

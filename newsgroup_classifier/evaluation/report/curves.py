"""The plots of a report: places in a box, which a template draws in the colors of the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.ticker import MaxNLocator

from newsgroup_classifier.evaluation.calibration import TARGET, accuracy_by_share, reliability
from newsgroup_classifier.evaluation.metrics import Curve, Scores
from newsgroup_classifier.evaluation.plots import epoch_series
from newsgroup_classifier.evaluation.report.evidence import Evidence

SERIES = 8  # colors of curves
WIDTH, HEIGHT = 340, 220  # of the box
_POINTS = 300  # of a curve at most
_MARGIN = 0.04  # of the box, around values without limits
_LOWEST_RATE = 1e-3  # false positive rate at the left end of the ROC curves
_SHOWN = 10  # bins of the calibration plot
_FAINT_CURVES = 40
_SHARE = (0.0, 1.02)  # limits of an axis of shares, so that the line at 1 is whole


@dataclass(frozen=True)
class Line:
    """A line: its points, and its name; one without a name is faint."""

    x: np.ndarray
    y: np.ndarray
    name: str = ""


@dataclass(frozen=True)
class Axis:
    """An axis: its label, its limits, by default those of the values, and its scale."""

    label: str
    limits: tuple[float, float] | None = None
    logarithmic: bool = False
    whole: bool = False  # only whole numbers are round values

    def fitted(self, values: np.ndarray) -> "Axis":
        """Return this axis with limits around some values."""
        values = values[np.isfinite(values)]
        if self.limits or not len(values):
            return replace(self, limits=self.limits or (0, 1))
        low, high = float(values.min()), float(values.max())
        if self.logarithmic:
            return replace(self, limits=(low, high if high > low else 10 * low))
        around = _MARGIN * (high - low) or abs(high) or 1
        return replace(self, limits=(low - around, high + around))

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return the places of values as shares of the box; what is outside is at its edge."""
        low, high = self.limits or (0, 1)
        if self.logarithmic:
            low, high, values = np.log10(low), np.log10(high), np.log10(np.maximum(values, low))
        return np.asarray(np.clip((values - low) / (high - low), 0, 1))

    def ticks(self) -> list[tuple[float, str]]:
        """Return the shares and the texts of round values within the limits."""
        low, high = self.limits or (0, 1)
        if self.logarithmic:
            exponents = np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
            values = 10.0**exponents
        else:
            locator = MaxNLocator(6, steps=[1, 2, 5, 10], integer=self.whole)
            values = np.asarray(locator.tick_values(low, high))
            values = values[(values >= low) & (values <= high)]
        texts = [f"{value:,.6g}" for value in values.tolist()]
        return list(zip(self.shares(values).tolist(), texts, strict=True))


@dataclass(frozen=True)
class Plot:
    """A plot of lines, some of which have marks, and of a vertical one; y counts from the top."""

    title: str
    x: Axis
    y: Axis
    lines: Sequence[Line]
    marks: bool = False
    vertical: float | None = None

    @property
    def vertical_place(self) -> float:
        """The place of the vertical line."""
        return WIDTH * float(self.x.shares(np.array(self.vertical)))

    @property
    def key(self) -> list[str]:
        """The names of the lines that have one; their places are the numbers of their colors."""
        return [line.name for line in self.lines if line.name]

    def points(self) -> Iterator[tuple[int | None, list[tuple[float, float]]]]:
        """Yield the color of each line, the faint ones first, and its points in the box."""
        names = self.key
        for line in sorted(self.lines, key=lambda line: bool(line.name)):
            shown = np.unique(np.linspace(0, len(line.x) - 1, _POINTS).astype(int))
            x, y = line.x[shown], line.y[shown]
            valid = np.isfinite(x) & np.isfinite(y)
            places = np.stack([self.x.shares(x), 1 - self.y.shares(y)], 1)[valid]
            color = names.index(line.name) if line.name else None
            yield color, np.round(places * (WIDTH, HEIGHT), 1).tolist()


def plot_lines(
    title: str,
    lines: Sequence[Line],
    axes: tuple[Axis, Axis],
    *,
    marks: bool = False,
    vertical: float | None = None,
) -> Plot:
    """Return a plot whose axes have limits."""
    x, y = (
        axis.fitted(np.concatenate([getattr(line, name) for line in lines]))
        for axis, name in zip(axes, "xy", strict=True)
    )
    return Plot(title, x, y, lines, marks, vertical)


def plot_histograms(title: str, values: Mapping[str, Sequence[int]], label: str) -> Plot:
    """Return the share of examples by a whole number from 0 on, on a logarithmic axis."""
    top = max(max(numbers, default=1) for numbers in values.values())
    edges = np.unique(np.geomspace(1, max(top, 10) + 1, 30).astype(int))
    lines = []
    for name, numbers in values.items():
        counts, _ = np.histogram(np.maximum(numbers, 1), edges)
        shares = 100 * counts / max(1, len(numbers))
        lines.append(Line(np.repeat(edges, 2)[1:-1], np.repeat(shares, 2), name))
    return plot_lines(title, lines, (Axis(label, None, True), Axis("share of texts (%)")))


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

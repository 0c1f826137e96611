"""The plots of a report: places in a box, which a template draws in the colors of the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.ticker import MaxNLocator

SERIES = 8  # colors of curves
WIDTH, HEIGHT = 340, 220  # of the box
_POINTS = 300  # of a curve at most
_MARGIN = 0.04  # of the box, around values without limits


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

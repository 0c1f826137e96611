"""The plots of a report as SVG whose colors are those of the page, in light and in dark."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SERIES = 8  # colors of curves
_INK, _FAINT = "#010203", "#808182"
# Each stands for a color of the page, which replaces it in the SVG.
_COLORS = {_INK: "currentColor", _FAINT: "var(--faint)"} | {
    f"#0{number}0a0b": f"var(--c{number})" for number in range(SERIES)
}
_LINES = list(_COLORS)[2:]
_STYLES = ("-", "--")
_POINTS = 400  # of a curve at most
_STYLE: Any = {
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.linewidth": 0.4,
    "grid.color": _FAINT,
    "legend.frameon": False,
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), _INK),
    "axes.edgecolor": _FAINT,
}


@dataclass(frozen=True)
class Curve:
    """A line: its points, and its name; one without a name is faint."""

    x: np.ndarray
    y: np.ndarray
    name: str = ""


@dataclass(frozen=True)
class Plot:
    """A plot with its title; `key` has the color and name of each curve."""

    title: str
    svg: Markup
    key: Sequence[tuple[int, str]] = ()


def plot_lines(
    title: str,
    curves: Sequence[Curve],
    labels: tuple[str, str],
    *,
    marks: bool = False,
    vertical: float | None = None,
    **properties: Any,
) -> Plot:
    """Return a plot of curves, with the labels of both axes and other properties of the axes."""
    key = [curve.name for curve in curves if curve.name]

    def draw(axes: Axes) -> None:
        for curve in sorted(curves, key=lambda curve: bool(curve.name)):
            x, y = _thinned(curve)
            if not curve.name:
                axes.plot(x, y, color=_FAINT, linewidth=1.0, linestyle=":")
                continue
            number = key.index(curve.name)
            style = _STYLES[number // (SERIES // 2) % len(_STYLES)]
            marker = "o" if marks else None
            axes.plot(x, y, style, color=_LINES[number % SERIES], marker=marker, markersize=4)
        if vertical is not None:
            axes.axvline(vertical, color=_INK, linewidth=0.8, linestyle=":")
        axes.set(xlabel=labels[0], ylabel=labels[1], **properties)
        axes.xaxis.set_major_formatter("{x:g}")  # not as powers of ten

    return Plot(title, _svg(title, draw), list(enumerate(key)))


def plot_histograms(title: str, values: Mapping[str, Sequence[int]], label: str) -> Plot:
    """Return the share of examples by a whole number from 0 on, on a logarithmic axis."""
    top = max(max(numbers, default=1) for numbers in values.values())
    edges = np.unique(np.geomspace(1, max(top, 10) + 1, 30).astype(int))
    curves = []
    for name, numbers in values.items():
        counts, _ = np.histogram(np.maximum(numbers, 1), edges)
        shares = 100 * counts / max(1, len(numbers))
        curves.append(Curve(np.repeat(edges, 2)[1:-1], np.repeat(shares, 2), name))
    return plot_lines(title, curves, (label, "share of texts (%)"), xscale="log")


def _thinned(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return at most 400 points of a curve, its ends among them."""
    if len(curve.x) <= _POINTS:
        return curve.x, curve.y
    chosen = np.unique(np.linspace(0, len(curve.x) - 1, _POINTS).astype(int))
    return curve.x[chosen], curve.y[chosen]


def _svg(title: str, draw: Callable[[Axes], None]) -> Markup:
    """Draw axes; return them as an SVG element that scales with its place."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": title}):
        figure = Figure(figsize=(4.6, 3.1))
        draw(figure.add_axes((0.135, 0.16, 0.83, 0.8)))
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r"<defs><style.*?</defs>|<defs>\s*<style.*?</defs>", "", text, flags=re.DOTALL)
    text = re.sub(r" font-family: [^;\"]*;", "", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 role="img"', text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', rf'\1 aria-label="{title}"', text, count=1)
    for color, variable in _COLORS.items():
        text = text.replace(color, variable)
    return Markup(re.sub(r">\s+<", "><", text))  # noqa: S704 (all texts in it are escaped by matplotlib)

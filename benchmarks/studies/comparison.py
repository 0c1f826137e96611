"""Compare trainings of the same network in a plot: one panel per method, one curve per value."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

Curves = Mapping[str, Sequence[float]]
_DPI = 120


def draw_comparison(panels: Mapping[str, Curves], metric: str, legend: str, path: Path) -> None:
    """Draw a metric (0 to 1) over the epochs; all panels share the axes and one legend."""
    figure = Figure(figsize=(3 * len(panels) + 1.5, 3.6), layout="constrained")
    together = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, curves) in zip(together, panels.items(), strict=True):
        for name, values in curves.items():
            axes.plot(range(1, len(values) + 1), values, marker="o", markersize=3, label=name)
        axes.set(title=title, xlabel="epoch", ylim=(0, 1))
        axes.xaxis.get_major_locator().set_params(integer=True)
    together[0].set_ylabel(metric)
    handles, names = together[0].get_legend_handles_labels()
    figure.legend(handles, names, title=legend, loc="outside right center")
    figure.savefig(path, dpi=_DPI)

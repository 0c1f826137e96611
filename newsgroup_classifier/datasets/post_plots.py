"""Plots of posts before and after wrangling, as PNG files that are legible with 50 classes."""

from collections.abc import Callable
from pathlib import Path

from newsgroup_classifier.datasets.post_wrangling import ClassSize, Wrangling
from newsgroup_classifier.errors import counted

_DPI = 120


def save_post_plots(wrangling: Wrangling, folder: Path) -> list[str]:
    """Save plots of the number and mean length of posts per class; return the file names."""
    plots: dict[str, tuple[str, Callable[[ClassSize], float]]] = {
        "posts_per_class.png": ("posts", lambda size: size.posts),
        "mean_length_per_class.png": (
            "mean length of a post, characters",
            lambda size: size.mean_length,
        ),
    }
    for name, (label, value) in plots.items():
        _plot(wrangling, label, value, folder / name)
    return list(plots)


def _plot(
    wrangling: Wrangling, label: str, value: Callable[[ClassSize], float], path: Path
) -> None:
    """Plot a bar per class before and after wrangling, of length 0 for a dropped class."""
    from matplotlib.figure import Figure

    names = list(wrangling.before)
    places = range(len(names))
    figure = Figure(figsize=(11, 2 + 0.22 * len(names)), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    stages = (("before", wrangling.before), ("after", wrangling.after))
    for axes, (title, sizes) in zip(panels, stages, strict=True):
        values = [value(sizes[name]) if name in sizes else 0.0 for name in names]
        bars = axes.barh(places, values, height=0.7)
        axes.bar_label(bars, fmt=lambda number: f"{number:,.0f}", fontsize=7, padding=2)
        axes.margins(x=0.14, y=0.01)
        posts = sum(size.posts for size in sizes.values())
        total = f"{counted(posts, 'post')} in {counted(len(sizes), 'class', 'classes')}"
        axes.set(xlabel=label, title=f"{title} wrangling: {total}")
    panels[0].set_yticks(places, names, fontsize=8)
    panels[0].invert_yaxis()
    figure.savefig(path, dpi=_DPI)

"""Plots of a network: its learning curves, and a sheet of test images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.evaluation.plots import plain

_DPI = 120
_COLUMNS, _ROWS = 10, 6
_RIGHT, _WRONG = "black", "crimson"


def epoch_series(
    history: Sequence[Mapping[str, float]],
) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return the epochs, from 1, and the values by metric and by kind; nothing without epochs."""
    epochs = np.arange(1, len(history) + 1)
    return {
        metric: {
            kind: (epochs, np.array([epoch[f"{kind}:{metric}"] for epoch in history]))
            for kind in ("train", "validation")
        }
        for metric in (("loss", "accuracy") if history else ())
    }


def plot_learning_curves(history: Sequence[Mapping[str, float]], best: int, path: Path) -> None:
    """Plot loss and accuracy in training and validation per epoch, and mark the best epoch."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    series = epoch_series(history)
    for axes, (metric, lines) in zip(figure.subplots(1, 2), series.items(), strict=True):
        for kind, (epochs, values) in lines.items():
            axes.plot(epochs, values, marker="o", markersize=3, label=kind)
        axes.axvline(best, color="gray", linestyle=":", label=f"saved: epoch {best}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set(xlabel="epoch", ylabel=metric)
        axes.legend()
    figure.suptitle("Learning curves")
    figure.savefig(path, dpi=_DPI)


def plot_examples(images: np.ndarray, scores: Scores, path: Path, is_ink: bool = True) -> None:
    """Plot test images with their true and predicted labels; up to half of them are errors.

    Images of light ink on black are shown dark on white.
    """
    colors = "gray_r" if is_ink else "gray"
    labels, predicted = np.asarray(scores.labels), np.asarray(scores.predicted)
    # The channel may be sorted by label.
    order = np.random.default_rng(0).permutation(len(labels))
    wrong = labels[order] != predicted[order]
    cells = _COLUMNS * _ROWS
    errors = order[wrong][: max(cells // 2, cells - np.count_nonzero(~wrong))]
    shown = np.concatenate([order[~wrong][: cells - len(errors)], errors])
    figure = Figure(figsize=(1.5 * _COLUMNS, 1.75 * _ROWS), layout="constrained")
    for axes in figure.subplots(_ROWS, _COLUMNS).flat:
        axes.axis("off")
    for axes, number in zip(figure.axes, shown, strict=False):
        axes.imshow(images[number], cmap=colors, vmin=0, vmax=255)
        true, guess = (plain(scores.label_names[each[number]]) for each in (labels, predicted))
        title = true if true == guess else f"{true}\npredicted: {guess}"
        axes.set_title(title, fontsize=8, color=_RIGHT if true == guess else _WRONG)
    figure.suptitle("Test images with their true labels, and wrong predictions")
    figure.savefig(path, dpi=_DPI)

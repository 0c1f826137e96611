"""Plots of a data set, of a training, and of a trained classifier, as PNG files.

SageMaker's scikit-learn image lacks matplotlib and wordcloud, so the requirements of a training
bundle list them. The TensorFlow image has matplotlib only; its jobs plot no word cloud.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unicodedata import bidirectional

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from newsgroup_classifier.evaluation.metrics import Curve, Scores

_DPI = 120
_LOWEST_RATE = 1e-4  # false positive rate at the left end of the ROC curves
_MOST_CLASSES = 60  # a matrix of a thousand would take gigabytes
_LONGEST_NAME = 60  # characters
_LARGEST_CLOUD = 300  # words; more are not legible
_WORD_COLORS = (
    "#0b62c4",
    "#b63c0c",
    "#15803d",
    "#a5158a",
    "#6d28d9",
    "#0e7490",
)  # legible on white
_SHEET_COLUMNS, _SHEET_ROWS = 10, 6  # of test images
_CLOUD = (540, 300)  # pixels before scaling, as for the fonts
_LARGEST_FONTS, _SMALLEST_FONT = (15, 60), 3
_FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")  # as in the other plots


def plain(name: str) -> str:
    """Return a name for Matplotlib, which takes what is between two dollar signs for a formula.

    Of a long name, it has the beginning: otherwise there would be no room for the axes.
    """
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}\u2026"
    return short.replace("$", r"\$")


def _shown_classes(scores: Scores) -> tuple[list[int], str]:
    """Return the labels that plots show, and a note if those are not all but the most confused."""
    matrix, classes = scores.confusion(), len(scores.label_names)
    if classes <= _MOST_CLASSES:
        return list(range(classes)), ""
    errors = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * np.diagonal(matrix)
    worst = np.argsort(-errors, kind="stable")[:_MOST_CLASSES]
    return sorted(worst.tolist()), f"\nthe {_MOST_CLASSES} of {classes:,} classes with most errors"


def plot_confusion_matrix(scores: Scores, path: Path) -> None:
    """Plot the number of examples of each true class per predicted class."""
    shown, note = _shown_classes(scores)
    names = [plain(scores.label_names[number]) for number in shown]
    matrix = scores.confusion()[np.ix_(shown, shown)]
    side = 3 + 0.45 * len(names) + 0.08 * max(0, *(len(name) - 20 for name in names))
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(matrix, cmap="Blues", vmin=0)
    figure.colorbar(image, shrink=0.7, label=scores.inputs)
    half = matrix.max() / 2
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            color = "white" if count > half else "black"
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=color)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=90)
    axes.set_yticks(ticks, names)
    axes.set(xlabel="predicted label", ylabel="true label", title=f"Confusion matrix{note}")
    figure.savefig(path, dpi=_DPI)


def plot_roc_curves(scores: Scores, path: Path) -> None:
    """Plot true against false positive rate, one class against the rest, with the area."""
    curves = {number: each.roc for number, each in scores.rankings.items()}
    title = "ROC, one class against the rest (area under the curve)"
    figure, axes = _plot_curves(scores, curves, title)
    chance = np.geomspace(_LOWEST_RATE, 1, 100)
    axes.plot(chance, chance, color="gray", linewidth=0.8, linestyle=":")
    axes.set(
        xscale="log",  # good classifiers differ only at low rates
        xlim=(_LOWEST_RATE, 1),
        xlabel="false positive rate (logarithmic)",
        ylabel="true positive rate",
    )
    _save_curves(figure, path)


def plot_precision_recall_curves(scores: Scores, path: Path) -> None:
    """Plot precision against recall, one class against the rest, with the average precision."""
    curves = {number: each.precision for number, each in scores.rankings.items()}
    title = "Precision and recall, one class against the rest (average precision)"
    figure, axes = _plot_curves(scores, curves, title)
    axes.set(xlabel="recall", ylabel="precision")
    _save_curves(figure, path)


def plot_class_distribution(
    train: Sequence[int] | Counter[int], scores: Scores, path: Path
) -> None:
    """Plot the number of train and test examples per class; `train` has labels or their counts."""
    shown, note = _shown_classes(scores)
    test = Counter(dict(enumerate(scores.confusion().sum(axis=1).tolist())))
    places = np.arange(len(shown))
    figure = Figure(figsize=(9, 2 + 0.35 * len(shown)), layout="constrained")
    axes = figure.subplots()
    for offset, (split, labels) in zip(
        (-0.2, 0.2), (("train", train), ("test", test)), strict=True
    ):
        counts: Counter[int] = Counter(labels)
        values = [counts[number] for number in shown]
        name = f"{split} ({counts.total():,})"
        bars = axes.barh(places + offset, values, height=0.4, label=name)
        axes.bar_label(bars, fontsize=7, padding=2)
    axes.set_yticks(places, [plain(scores.label_names[number]) for number in shown])
    axes.invert_yaxis()
    axes.margins(x=0.08, y=0.02)
    axes.set(xlabel=scores.inputs, title=f"{scores.inputs.capitalize()} per class{note}")
    figure.legend(loc="outside lower right", ncols=2)
    figure.savefig(path, dpi=_DPI)


def plot_word_cloud(counts: Mapping[str, int], path: Path) -> None:
    """Plot the most frequent of these words, with sizes that follow their counts."""
    from wordcloud import WordCloud  # missing in the TensorFlow image, which needs the other plots

    width, height = _CLOUD
    cloud = WordCloud(
        font_path=str(_FONT),
        width=width,
        height=height,
        scale=3,  # laying out words on a canvas a third of the size takes a tenth of the time
        background_color="white",
        colormap=ListedColormap(_WORD_COLORS),
        max_words=_LARGEST_CLOUD,
        max_font_size=_largest_font(counts),
        min_font_size=_SMALLEST_FONT,
        relative_scaling=1.0,  # sizes follow counts, not ranks
        random_state=0,
    )
    # to_file() would take seven times as long, for a file that is a hundredth smaller.
    cloud.generate_from_frequencies(dict(counts)).to_image().save(path)


def drawable_words(words: Mapping[str, int]) -> dict[str, int]:
    """Return the words whose letters the font has and which are written from left to right."""
    characters = {chr(code) for code in FT2Font(str(_FONT)).get_charmap()}
    known = {letter for letter in characters if bidirectional(letter) not in ("R", "AL")}
    return {word: count for word, count in words.items() if known.issuperset(word)}


def _largest_font(counts: Mapping[str, int]) -> int:
    """Return the font of the first word with which the words fill a quarter of the cloud."""
    words = sorted(counts, key=lambda word: -counts[word])[:_LARGEST_CLOUD]
    # A letter is 0.6 times as wide as it is high.
    area = sum(0.6 * len(word) * (counts[word] / counts[words[0]]) ** 2 for word in words)
    return int(np.clip(np.sqrt(0.25 * np.prod(_CLOUD) / area), *_LARGEST_FONTS))


def _plot_curves(scores: Scores, curves: Mapping[int, Curve], title: str) -> tuple[Figure, Axes]:
    shown, note = _shown_classes(scores)
    figure = Figure(figsize=(12, max(6.0, 0.3 * len(shown) + 2)), layout="constrained")
    axes = figure.subplots()
    axes.set_title(f"{title}{note}")
    for place, number in enumerate(shown):
        if (curve := curves.get(number)) is None:
            continue
        # Color and line style together distinguish 40 classes.
        color, style = colormaps["tab10"](place % 10), ("-", "--", ":", "-.")[place // 10 % 4]
        label = f"{plain(scores.label_names[number])} ({curve.area:.3f})"
        axes.plot(curve.x, curve.y, color=color, linestyle=style, linewidth=1.4, label=label)
    return figure, axes


def _save_curves(figure: Figure, path: Path) -> None:
    if figure.axes[0].get_legend_handles_labels()[0]:
        figure.legend(loc="outside right upper", fontsize=9)
    figure.savefig(path, dpi=_DPI)


def save_plots(
    scores: Scores,
    train_labels: Sequence[int] | Counter[int],
    words: Mapping[str, int],
    folder: Path,
) -> list[str]:
    """Save all plots of a trained classifier in a folder; return the file names."""
    names = save_score_plots(scores, folder)
    plots: dict[str, Callable[[Path], None]] = {
        "class_distribution.png": lambda path: plot_class_distribution(train_labels, scores, path)
    }
    if drawable := drawable_words(words):
        plots["word_cloud.png"] = lambda path: plot_word_cloud(drawable, path)
    for name, plot in plots.items():
        plot(folder / name)
    return [*names, *plots]


def save_score_plots(scores: Scores, folder: Path) -> list[str]:
    """Save the plots that show how good a classifier is; return the file names."""
    folder.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Callable[[Scores, Path], None]] = {
        "confusion_matrix.png": plot_confusion_matrix,
        "roc_curves.png": plot_roc_curves,
        "precision_recall_curves.png": plot_precision_recall_curves,
    }
    for name, plot in plots.items():
        plot(scores, folder / name)
    return list(plots)


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
    cells = _SHEET_COLUMNS * _SHEET_ROWS
    errors = order[wrong][: max(cells // 2, cells - np.count_nonzero(~wrong))]
    shown = np.concatenate([order[~wrong][: cells - len(errors)], errors])
    figure = Figure(figsize=(1.5 * _SHEET_COLUMNS, 1.75 * _SHEET_ROWS), layout="constrained")
    for axes in figure.subplots(_SHEET_ROWS, _SHEET_COLUMNS).flat:
        axes.axis("off")
    for axes, number in zip(figure.axes, shown, strict=False):
        axes.imshow(images[number], cmap=colors, vmin=0, vmax=255)
        true, guess = (plain(scores.label_names[each[number]]) for each in (labels, predicted))
        title = true if true == guess else f"{true}\npredicted: {guess}"
        axes.set_title(title, fontsize=8, color="black" if true == guess else "crimson")
    figure.suptitle("Test images with their true labels, and wrong predictions")
    figure.savefig(path, dpi=_DPI)

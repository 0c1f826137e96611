"""Pictures of a data set and of a trained classifier, as PNG files that stay legible at 20 classes.

matplotlib and wordcloud are not in SageMaker's scikit-learn image: a recipe that draws asks for
them in its bundle's requirements. The TensorFlow image has matplotlib, and draws no word cloud.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import auc, confusion_matrix, precision_recall_curve, roc_curve

from newsgroup_classifier.evaluation.metrics import Scores

_DPI = 120
_LOWEST_RATE = 1e-4  # false positives; the left end of the ROC curves
_LARGEST_CLOUD = 300  # words; more cannot be read
_LARGEST_FONT, _SMALLEST_FONT = 17, 3  # pixels before scaling; all 300 words find a place


def draw_confusion_matrix(scores: Scores, path: Path) -> None:
    """Draw how many examples of each true class were given each label."""
    names = scores.label_names
    matrix = confusion_matrix(scores.labels, scores.predicted, labels=range(len(names)))
    side = 3 + 0.45 * len(names)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(matrix, cmap="Blues")
    figure.colorbar(image, shrink=0.7, label=scores.inputs)
    half = matrix.max() / 2
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            color = "white" if count > half else "black"
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=color)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=90)
    axes.set_yticks(ticks, names)
    axes.set(xlabel="predicted label", ylabel="true label", title="Confusion matrix")
    figure.savefig(path, dpi=_DPI)


def draw_roc_curves(scores: Scores, path: Path) -> None:
    """Draw each class against the rest: true against false positive rate, with the area."""
    figure, axes = _curve_figure(scores)
    for number, name in _classes_seen(scores):
        positive = np.asarray(scores.labels) == number
        false, true, _ = roc_curve(positive, scores.probabilities[:, number])
        _curve(axes, number, (false, true), f"{name} ({auc(false, true):.3f})")
    chance = np.geomspace(_LOWEST_RATE, 1, 100)
    axes.plot(chance, chance, color="grey", linewidth=0.8, linestyle=":")
    axes.set(
        xscale="log",  # good classifiers differ only where few are wrong
        xlim=(_LOWEST_RATE, 1),
        xlabel="false positive rate (logarithmic)",
        ylabel="true positive rate",
        title="ROC, one class against the rest (area under the curve)",
    )
    _save_curves(figure, path)


def draw_precision_recall_curves(scores: Scores, path: Path) -> None:
    """Draw each class against the rest: precision against recall, with the area."""
    figure, axes = _curve_figure(scores)
    for number, name in _classes_seen(scores):
        positive = np.asarray(scores.labels) == number
        precision, recall, _ = precision_recall_curve(positive, scores.probabilities[:, number])
        _curve(axes, number, (recall, precision), f"{name} ({auc(recall, precision):.3f})")
    axes.set(
        xlabel="recall",
        ylabel="precision",
        title="Precision and recall, one class against the rest (area under the curve)",
    )
    _save_curves(figure, path)


def draw_class_distribution(
    train: Sequence[int] | Counter[int], scores: Scores, path: Path
) -> None:
    """Draw how many train and test examples each class has; the former by label or counted."""
    test, label_names = scores.labels, scores.label_names
    places = np.arange(len(label_names))
    figure = Figure(figsize=(9, 2 + 0.35 * len(label_names)), layout="constrained")
    axes = figure.subplots()
    for offset, (split, labels) in zip(
        (-0.2, 0.2), (("train", train), ("test", test)), strict=True
    ):
        counts: Counter[int] = Counter(labels)
        values = [counts[number] for number in range(len(label_names))]
        name = f"{split} ({counts.total():,})"
        bars = axes.barh(places + offset, values, height=0.4, label=name)
        axes.bar_label(bars, fontsize=7, padding=2)
    axes.set_yticks(places, label_names)
    axes.invert_yaxis()
    axes.margins(x=0.08, y=0.02)
    axes.set(xlabel=scores.inputs, title=f"{scores.inputs.capitalize()} of each class")
    figure.legend(loc="outside lower right", ncols=2)
    figure.savefig(path, dpi=_DPI)


def draw_word_cloud(counts: Mapping[str, int], path: Path) -> None:
    """Draw the commonest of the given words, larger the more often they occur."""
    from wordcloud import WordCloud  # the TensorFlow image has none, and draws all else

    cloud = WordCloud(
        width=540,
        height=300,
        scale=3,  # words are placed on a canvas of a third of the size, in a tenth of the time
        background_color="white",
        max_words=_LARGEST_CLOUD,
        max_font_size=_LARGEST_FONT,
        min_font_size=_SMALLEST_FONT,
        relative_scaling=1.0,  # sizes follow the counts, not the ranks
        random_state=0,
    )
    cloud.generate_from_frequencies(dict(counts)).to_file(str(path))


def _classes_seen(scores: Scores) -> list[tuple[int, str]]:
    """Return the classes that the test set has: the others have no curve."""
    seen = set(scores.labels)
    return [(number, name) for number, name in enumerate(scores.label_names) if number in seen]


def _curve_figure(scores: Scores) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(12, max(6.0, 0.3 * len(scores.label_names) + 2)), layout="constrained")
    return figure, figure.subplots()


def _curve(axes: Axes, number: int, points: tuple[np.ndarray, np.ndarray], label: str) -> None:
    """Draw one curve; colour and stroke together tell 20 classes apart."""
    color = colormaps["tab10"](number % 10)
    style = ("-", "--", ":", "-.")[number // 10 % 4]
    axes.plot(*points, color=color, linestyle=style, linewidth=1.4, label=label)


def _save_curves(figure: Figure, path: Path) -> None:
    figure.legend(loc="outside right upper", fontsize=9)
    figure.savefig(path, dpi=_DPI)


def draw_pictures(
    scores: Scores,
    train_labels: Sequence[int] | Counter[int],
    words: Mapping[str, int],
    folder: Path,
) -> list[str]:
    """Draw every picture of a trained classifier into a folder; return the file names."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, Callable[[Path], None]] = {
        "confusion_matrix.png": lambda path: draw_confusion_matrix(scores, path),
        "roc_curves.png": lambda path: draw_roc_curves(scores, path),
        "precision_recall_curves.png": lambda path: draw_precision_recall_curves(scores, path),
        "class_distribution.png": lambda path: draw_class_distribution(train_labels, scores, path),
    }
    if words:
        pictures["word_cloud.png"] = lambda path: draw_word_cloud(words, path)
    for name, draw in pictures.items():
        draw(folder / name)
    return list(pictures)

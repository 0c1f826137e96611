"""The plots of the tutorial are saved as legible PNG files."""

import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from wordcloud import WordCloud

from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.evaluation.plots import (
    drawable_words,
    plot_confusion_matrix,
    plot_roc_curves,
    plot_word_cloud,
    save_plots,
)

NAMES = tuple(f"class.number.{number:02}" for number in range(20))
PLOTS = {
    "confusion_matrix.png",
    "roc_curves.png",
    "precision_recall_curves.png",
    "class_distribution.png",
    "word_cloud.png",
}


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 19, 400)  # the last class has no test texts
    probabilities = rng.dirichlet(np.ones(20), 400)
    probabilities[np.arange(400), labels] += 0.3
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Scores(labels.tolist(), probabilities.argmax(axis=1).tolist(), probabilities, NAMES)


def _size(path):
    header = path.read_bytes()[:24]
    assert header.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", header[16:24])


@pytest.mark.slow
def test_save_plots_of_20_classes_saves_every_plot_large_enough_to_read(scores, tmp_path):
    words = {"corner": 99, "constant": 98, "survey": 40}
    names = save_plots(scores, scores.labels, words, tmp_path / "plots")
    assert set(names) == PLOTS == {path.name for path in (tmp_path / "plots").iterdir()}
    for name in names:
        width, height = _size(tmp_path / "plots" / name)
        assert width >= 1000
        assert height >= 900


@pytest.mark.slow
def test_save_plots_of_300_classes_shows_those_with_the_most_errors(tmp_path, figures):
    labels = np.repeat(np.arange(300), 2)
    predicted = np.where(labels < 30, 299 - labels, labels)
    names = tuple(f"class {number}" for number in range(300))
    many = Scores(labels.tolist(), predicted.tolist(), np.eye(300)[predicted], names)
    for name in save_plots(many, many.labels, {}, tmp_path):
        width, height = _size(tmp_path / name)
        assert width * height < 20e6
    saved = [figure.axes[0] for figure in figures]
    notes = {axes.get_title().partition("\n")[2] for axes in saved}
    assert notes == {"the 60 of 300 classes with most errors"}
    shown = [label.get_text() for label in saved[0].get_yticklabels()]
    assert shown == [f"class {number}" for number in (*range(30), *range(270, 300))]


@pytest.mark.slow
def test_save_plots_takes_no_label_for_a_formula(scores, tmp_path):
    named = replace(scores, label_names=("$_$", "a\\$b$", "from $5 to $10", *NAMES[3:]))
    assert "confusion_matrix.png" in save_plots(named, scores.labels, {}, tmp_path)


@pytest.fixture
def figures(monkeypatch):
    """Return the figures that are saved."""
    saved, save = [], Figure.savefig
    monkeypatch.setattr(
        Figure,
        "savefig",
        lambda figure, path, **options: saved.append(figure) or save(figure, path, **options),
    )
    return saved


@pytest.mark.parametrize("length", [76, 200])
def test_names_of_any_length_leave_room_for_the_axes(length, tmp_path, figures):
    names = ("Payday loan, " + "l" * length, "Credit card")
    scores = Scores([0, 0, 1], [0, 1, 1], np.full((3, 2), 0.5), names)
    with warnings.catch_warnings(action="error"):  # as of Matplotlib, if it has no room
        plot_confusion_matrix(scores, tmp_path / "matrix.png")
        plot_roc_curves(scores, tmp_path / "curves.png")
    name = figures[0].axes[0].get_yticklabels()[0].get_text()
    assert name == f"{names[0][:59]}\u2026"


def test_every_number_of_a_confusion_matrix_stands_out(tmp_path, figures):
    pairs = np.array([[14, 12], [16, 18]])
    scores = Scores([], [], np.zeros((0, 2)), ("a", "b"), all_pairs=pairs)
    plot_confusion_matrix(scores, tmp_path / "matrix.png")
    axes = figures[0].axes[0]
    image = axes.images[0]
    for text in axes.texts:
        background = np.mean(image.cmap(image.norm(int(text.get_text())))[:3])
        assert abs(background - (text.get_color() == "white")) > 0.3


def test_word_cloud_has_room_for_300_words(tmp_path, monkeypatch):
    layouts = []
    draw = WordCloud.to_image
    monkeypatch.setattr(
        WordCloud, "to_image", lambda cloud: layouts.append(cloud.layout_) or draw(cloud)
    )
    words = {f"{'abcdefghijkl'[: 3 + rank % 10]}{rank}": 99 - rank // 4 for rank in range(390)}
    plot_word_cloud(words, tmp_path / "cloud.png")
    (layout,) = layouts
    assert {word for (word, _), *_ in layout} == set(list(words)[:300])


def test_drawable_words_have_letters_of_the_font_from_left_to_right():
    drawable = ["house", "größe", "łódź", "привет", "λόγος"]
    words = dict.fromkeys([*drawable, "你好世界", "नमस्ते", "שלום", "سلام"], 1)
    assert list(drawable_words(words)) == drawable


@pytest.mark.slow
def test_save_plots_without_words_saves_no_word_cloud(scores, tmp_path):
    assert "word_cloud.png" not in save_plots(scores, scores.labels, {}, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("broken", [1, 400])
def test_save_plots_leaves_out_probabilities_that_are_not_numbers(scores, tmp_path, broken):
    probabilities = scores.probabilities.copy()
    probabilities[:broken] = np.nan
    invalid = replace(scores, probabilities=probabilities)
    assert "roc_curves.png" in save_plots(invalid, scores.labels, {}, tmp_path)


@pytest.mark.slow
def test_save_plots_of_one_class_in_the_test_channel_has_no_curve_to_draw(scores, tmp_path):
    only = replace(scores, labels=[3] * 400)
    assert "roc_curves.png" in save_plots(only, scores.labels, {}, tmp_path)

"""A job shows what it learned; what fails in that costs a warning, and not the model."""

import csv
import io
import json
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from matplotlib.figure import Figure

from newsgroup_classifier.artifacts import load_manifest, sha256_of
from newsgroup_classifier.channels import batches as channel_batches
from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE, dataset_of, read_channel
from newsgroup_classifier.evaluation import plots
from newsgroup_classifier.evaluation.report import page
from newsgroup_classifier.evaluation.report.evidence import (
    Evidence,
    read_predictions,
    write_predictions,
)
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.text import cleaning
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.environment import DATA_NAME, GENERATED_SAMPLE
from newsgroup_classifier.training.scikit_learn.describing import learning_curve
from newsgroup_classifier.training.scikit_learn.fitting import train
from newsgroup_classifier.training.streaming.job import evaluate
from tests.newsgroup_classifier.conftest import job_variables, write_channels

RECIPE = ("--recipe", "newsgroups-naive-bayes")
NEIGHBORS = """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

def build():
    return make_pipeline(TfidfVectorizer(), KNeighborsClassifier(50))
"""
SYLLABLES = ("zug", "wib", "quo", "pya", "vex", "juf")


def run(channels, folder, *argv):
    """Run the training program; return its output folder and what it printed."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        for name, value in job_variables(channels, folder).items():
            patch.setenv(name, value)
        assert train_sklearn.main(list(argv)) == 0
    return folder / "output" / "data", printed.getvalue()


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """Write channels of 120 texts with words that occur nowhere else; return them and the words."""
    random = np.random.default_rng(0)
    words = ["".join(three) for three in product(SYLLABLES, repeat=3)]
    rows = []
    for number, label in enumerate((0, 1) * 80):
        start = 90 * (label if number % 11 else 1 - label)  # some rows have a wrong label
        text = " ".join(random.choice(words[start:][:120], 30))
        rows.append(("-\n" * 6 + text, "", ("first", "second")[label], label))
    dataset = dataset_of(rows[:120], rows[120:], "made")
    return write_channels(dataset, tmp_path_factory.mktemp("made")), words


@pytest.fixture(scope="module")
def reported(sample_channels, tmp_path_factory):
    """Train on the sample; return the output folder and what the job printed."""
    return run(sample_channels, tmp_path_factory.mktemp("job"), *RECIPE)


def test_job_writes_the_prediction_of_each_test_row(reported, sample_channels):
    folder, _ = reported
    read = read_predictions((folder / "predictions.csv").read_bytes())
    channel = read_channel(sample_channels / "test" / TEST_FILE)
    labels = [channel.label_names[number] for number in channel.labels]
    assert [label for label, _ in read.values()] == labels
    assert list(read) == list(range(1, len(labels) + 1))
    right = np.mean([label == predicted for label, predicted in read.values()])
    assert right == json.loads((folder / "metrics.json").read_text())["accuracy"]


@pytest.mark.slow
def test_job_cleans_each_train_text_once_and_draws_each_plot_once(
    sample_channels, tmp_path, monkeypatch
):
    cleaned, drawn = Counter(), Counter()
    clean, save = cleaning.clean_post, Figure.savefig

    def cleans(text):
        cleaned[text] += 1
        return clean(text)

    def saves(figure, path, **options):
        drawn[path.name] += 1
        return save(figure, path, **options)

    monkeypatch.setattr(cleaning, "clean_post", cleans)
    monkeypatch.setattr(Figure, "savefig", saves)
    folder, printed = run(sample_channels, tmp_path, *RECIPE)
    texts = Counter(read_channel(sample_channels / "train" / TRAIN_FILE).texts)
    assert {text: cleaned[text] for text in texts} == texts
    plots = {path.name for path in folder.glob("*.png")} - {"word_cloud.png"}
    assert drawn == dict.fromkeys(plots, 1)
    assert "report report.html" in printed


def test_report_names_the_data_by_their_rows_and_digests(reported, sample_channels):
    folder, _ = reported
    data = json.loads((folder / "report.json").read_text())["data"]
    for name, file in (("train", TRAIN_FILE), ("test", TEST_FILE)):
        path = sample_channels / name / file
        rows = len(read_channel(path).texts)
        assert data[name] == {"rows": rows, "sha256": sha256_of(path)}
        assert data[name]["sha256"] in (folder / "report.html").read_text()


def test_report_of_a_small_job_has_a_learning_curve(reported):
    folder, printed = reported
    assert "train examples of the classifier" in (folder / "report.html").read_text()
    assert "WARNING" not in printed


def test_last_step_that_needs_more_texts_than_a_share_has_no_learning_curve(invented, tmp_path):
    path = tmp_path / "neighbors.py"
    path.write_text(NEIGHBORS)
    folder, printed = run(invented[0], tmp_path, "--recipe", f"{path}:build")
    assert "WARNING" not in printed
    html = (folder / "report.html").read_text()
    assert "Most confident mistakes" in html
    assert "train examples of the classifier" not in html
    assert "the last step cannot be fitted on 10% of the train texts" in html


def test_learning_curve_depends_on_the_size_of_the_features_only(small_result):
    result, labels = small_result
    sizes, _ = learning_curve(result, labels)
    assert (sizes, "") == learning_curve(result, labels)
    assert list(sizes) == [80, 240, 800]
    large = replace(result, metrics=result.metrics | {"train_non_zeros": 10**7})
    assert learning_curve(large, labels) == ({}, "the features have more than 2,000,000 values")


@pytest.fixture
def small_result(sample_channels):
    train_set = read_channel(sample_channels / "train" / TRAIN_FILE)
    test_set = read_channel(sample_channels / "test" / TEST_FILE)
    recipe = find_recipe(RECIPE[1])
    return train(recipe, recipe.defaults, train_set, test_set), train_set.labels


@pytest.mark.parametrize(
    ("module", "function", "what"),
    [(page, "render_report", "the report"), (plots, "save_plots", "the plots")],
)
def test_error_in_describing_costs_a_warning_without_its_message(
    invented, tmp_path, monkeypatch, module, function, what
):
    def fails(*arguments):
        raise ValueError("the text of a customer")

    monkeypatch.setattr(module, function, fails)
    folder, printed = run(invented[0], tmp_path, *RECIPE)
    assert load_manifest(tmp_path / "model").metrics["accuracy"] > 0.5
    assert f"WARNING: {what} could not be completed: ValueError at test_reporting.py:" in printed
    assert "customer" not in printed
    assert (folder / "report.html").exists() == (what == "the plots")
    assert not (tmp_path / "output" / "failure").exists()


def test_output_of_a_job_without_texts_has_no_word_of_them(invented, tmp_path):
    channels, words = invented
    folder, printed = run(channels, tmp_path, *RECIPE, "--report", "no-texts")
    written = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {"report.html", "report.json", "predictions.csv"} <= set(written)
    assert "word_cloud.png" not in written
    for content in (printed.encode(), *written.values()):
        assert not [word for word in words if word.encode() in content]
    assert json.loads(written["report.json"])["texts"] is False
    assert b"Texts are omitted." in written["report.html"]


def test_report_says_which_data_it_is_and_that_a_generated_sample_means_nothing(
    invented, tmp_path, monkeypatch
):
    monkeypatch.setenv(DATA_NAME, "tickets")
    monkeypatch.setenv(GENERATED_SAMPLE, "yes")
    folder, printed = run(invented[0], tmp_path, *RECIPE)
    html = (folder / "report.html").read_text()
    assert "<h1>newsgroups-naive-bayes on tickets: report of a training job</h1>" in html
    assert "<dt>data</dt><dd><bdi>tickets</bdi></dd>" in html
    warning = "trained and tested on a generated sample: the figures mean nothing."
    assert warning in html
    assert f"WARNING: {warning}" in printed
    assert load_manifest(tmp_path / "model").warnings == [warning]
    assert json.loads((folder / "report.json").read_text())["generated_sample"] is True


def test_predictions_of_a_stream_have_the_numbers_of_the_sampled_rows(sample_channels, tmp_path):
    path = sample_channels / "test" / TEST_FILE
    channel = read_channel(path)
    train_set = read_channel(sample_channels / "train" / TRAIN_FILE)
    recipe = find_recipe(RECIPE[1])
    pipeline = recipe.build(recipe.defaults).fit(train_set.texts, train_set.labels)
    for sampled in (25, 10_000):
        batches = channel_batches.read_batches(path, 17)
        _, scores = evaluate(pipeline, batches, channel.label_names, sampled=sampled)
        write_predictions(Evidence(scores, {}), tmp_path / "predictions.csv")
        read = read_predictions((tmp_path / "predictions.csv").read_bytes())
        predicted = pipeline.predict(channel.texts)
        assert len(read) == min(sampled, len(channel.labels))
        assert bool(scores.rows) == (sampled == 25)
        for row, pair in read.items():
            numbers = channel.labels[row - 1], predicted[row - 1]
            assert pair == tuple(channel.label_names[number] for number in numbers)


@pytest.mark.slow
def test_report_of_20_newsgroups_is_smaller_than_3_mb(real_dataset, tmp_path):
    folder, _ = run(write_channels(real_dataset, tmp_path), tmp_path, *RECIPE)
    assert (folder / "report.html").stat().st_size < 3_000_000
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == 1 + len(real_dataset.test)

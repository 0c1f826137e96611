"""The scikit-learn training program, in this process and, as launchers start it, as a file."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace

import pytest
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from newsgroup_classifier.artifacts import MODEL, PREPROCESS, load_manifest, load_object
from newsgroup_classifier.channels.texts import read_channel
from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.scikit_learn.fitting import train
from tests.newsgroup_classifier.conftest import DEFAULTS, ROOT, job_variables, refusal

RECIPE = ["--recipe", "newsgroups-naive-bayes"]
PROGRAM = ROOT / "newsgroup_classifier" / "training" / "train_sklearn.py"
REPORT = ("report.html", "report.json", "predictions.csv")
HEADER = "data,data_subject,label_names,label\n"


@pytest.fixture
def job(sample_channels, tmp_path):
    """Return the variables of a training job on the sample with its own output folder."""
    return job_variables(sample_channels, tmp_path)


def started(job, tmp_path, *argv):
    """Run the program as a file from a folder outside the project."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, str(PROGRAM), *argv],
        cwd=tmp_path,
        env=environ | job,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def trained(sample_channels, tmp_path_factory):
    """Train in this process with alpha 0.5; return the output folder and the printed lines."""
    folder, printed = tmp_path_factory.mktemp("trained"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        for name, value in job_variables(sample_channels, folder).items():
            patch.setenv(name, value)
        assert train_sklearn.main([*RECIPE, "--alpha", "0.5"]) == 0
    return folder, printed.getvalue().splitlines()


def test_train_sklearn_prints_one_metric_per_line(trained):
    folder, lines = trained
    metrics = json.loads((folder / "output" / "data" / "metrics.json").read_text())
    assert lines[: 1 + len(metrics)] == [
        "training newsgroups-naive-bayes on 800 texts",
        *[
            f"{name.replace('train_', 'train:') if name.startswith('train_') else 'test:' + name}="
            f"{value!r}"
            for name, value in metrics.items()
        ],
    ]
    assert lines[1].startswith("test:accuracy=0.")


def test_train_sklearn_writes_metrics_of_the_sample(trained):
    folder, _ = trained
    metrics = json.loads((folder / "output" / "data" / "metrics.json").read_text())
    assert metrics["train_rows"] == 800
    assert 0.8 < metrics["accuracy"] <= 1
    assert set(metrics) >= {"macro_f1", "macro_precision", "macro_recall", "weighted_f1"}


def test_train_sklearn_prints_each_plot_and_writes_plots_metrics_and_report(trained):
    folder, lines = trained
    plots = [line.split()[1] for line in lines if line.startswith("plot ")]
    assert len(plots) == 5
    written = {path.name for path in (folder / "output").rglob("*")}
    assert written == {"data", "metrics.json", *REPORT, *plots}


def test_train_sklearn_writes_an_artifact_with_the_measured_accuracy(trained, sample):
    folder = trained[0] / "model"
    manifest = load_manifest(folder)
    transformers = load_object(folder, manifest, PREPROCESS)
    estimator = load_object(folder, manifest, MODEL)
    predicted = estimator.predict(transformers.transform(list(sample.test["data"])))
    accuracy = (predicted == sample.test["label"].to_numpy()).mean()
    assert accuracy == pytest.approx(manifest.metrics["accuracy"], abs=1e-12)
    assert estimator.alpha == 0.5


def test_train_sklearn_records_the_run_in_the_manifest(trained, sample):
    manifest = load_manifest(trained[0] / "model")
    assert manifest.recipe == "newsgroups-naive-bayes"
    assert manifest.hyperparameters == DEFAULTS | {"alpha": 0.5}
    assert list(manifest.label_names) == sorted(set(sample.train["label_names"]))


@pytest.mark.slow
def test_train_sklearn_run_twice_writes_an_artifact_that_loads(container):
    assert [train_sklearn.main(RECIPE) for _ in range(2)] == [0, 0]
    assert load_manifest(container / "model").recipe == "newsgroups-naive-bayes"


def test_train_of_the_sample_does_not_depend_on_the_test_channel(sample_channels):
    train_set = read_channel(sample_channels / "train" / "train.csv")
    test_set = read_channel(sample_channels / "test" / "test.csv")
    recipe = find_recipe("newsgroups-naive-bayes")
    results = [train(recipe, {"alpha": 0.01}, train_set, other) for other in (train_set, test_set)]
    first, second = (result.pipeline.predict_proba(test_set.texts) for result in results)
    assert (first == second).all()


@pytest.mark.parametrize(
    ("estimator", "missing"), [(LinearSVC(), "predict_proba"), (TfidfTransformer(), "predict")]
)
def test_train_of_an_estimator_that_cannot_be_served_says_what_it_lacks(
    sample_channels, estimator, missing
):
    channel = read_channel(sample_channels / "test" / "test.csv")
    steps = [("tfidf", TfidfVectorizer()), ("classify", estimator)]
    recipe = replace(find_recipe("newsgroups-naive-bayes"), build=lambda _: Pipeline(steps))
    with pytest.raises(TrainingError, match=f"the fitted .* has no {missing}, which serving needs"):
        train(recipe, {}, channel, channel)


def test_train_sklearn_with_an_invalid_hyperparameter_names_it_and_writes_no_artifact(container):
    message = refusal(container, *RECIPE, "--alpha", "-1")
    assert message == "hyperparameter alpha is '-1'; expected a number above 0, such as 0.01"
    assert not (container / "model").exists()


def test_train_sklearn_with_a_missing_channel_names_it(container, monkeypatch, tmp_path):
    monkeypatch.setenv("SM_CHANNEL_TEST", str(tmp_path / "none"))
    message = refusal(container, *RECIPE)
    assert message == f"test.csv is missing in the channel folder {tmp_path / 'none'}"


def test_train_sklearn_with_one_class_says_so(container, monkeypatch, tmp_path):
    (tmp_path / "train.csv").write_text(HEADER + "x,s,a,0\n")
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(tmp_path))
    assert "has only one class (label 0)" in refusal(container, *RECIPE)


def test_train_sklearn_with_texts_without_words_says_so(container, monkeypatch, tmp_path):
    (tmp_path / "train.csv").write_text(HEADER + "short,s,a,0\ntexts,s,b,1\n")
    (tmp_path / "test.csv").write_text(HEADER + "short,s,a,0\n")
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(tmp_path))
    monkeypatch.setenv("SM_CHANNEL_TEST", str(tmp_path))
    message = refusal(container, *RECIPE)
    assert message.startswith(
        "the train channel has no words to learn from after the first 5 lines"
    )


@pytest.mark.slow
def test_train_sklearn_as_a_file_trains_from_any_folder(job, tmp_path):
    run = started(job, tmp_path, "--recipe", "newsgroups-naive-bayes", "-alpha", "0.1")
    assert (run.returncode, run.stderr) == (0, "")
    assert "test:accuracy=0." in run.stdout
    assert load_manifest(tmp_path / "model").hyperparameters == DEFAULTS | {"alpha": 0.1}


@pytest.mark.slow
def test_train_sklearn_as_a_file_with_an_invalid_channel_exits_1_with_a_message(job, tmp_path):
    (tmp_path / "train.csv").write_text(HEADER + "x,s,a,zero\n")
    run = started(job | {"SM_CHANNEL_TRAIN": str(tmp_path)}, tmp_path, *RECIPE)
    message = (
        "train.csv: the column label of row 1 has 4 characters and is not a label; expected a "
        "whole number of 0 or more."
    )
    assert (run.returncode, run.stderr) == (1, f"error: {message}\n")
    assert (tmp_path / "output" / "failure").read_text() == message.removesuffix(".")

"""The TensorFlow training program, in this process and, as launchers start it, as a file."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.images import (
    TEST_FILE,
    TRAIN_FILE,
    ImageChannel,
    write_image_channel,
)
from newsgroup_classifier.datasets.uci_news import LABEL_NAMES, generate_headlines
from newsgroup_classifier.evaluation.report.evidence import read_predictions
from newsgroup_classifier.hyperparameters import parse_hyperparameters
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training import train_sklearn, train_tensorflow
from newsgroup_classifier.training.examples import Examples
from tests.newsgroup_classifier.conftest import ROOT, job_variables, write_channels
from tests.newsgroup_classifier.keras_modules import needs_tensorflow, preparation

pytestmark = needs_tensorflow
PROGRAM = ROOT / "newsgroup_classifier" / "training" / "train_tensorflow.py"
DIGITS = ["--recipe", "digits-cnn", "--filters", "2", "--batch_size", "16", "--epochs"]
EPOCHS = 25  # enough to kill the job before the last one
METRICS = ("train:loss", "train:accuracy", "validation:loss", "validation:accuracy")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Write channels with two classes of images: bright at the top or at the bottom."""
    folder = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    for channel, file, count in (("train", TRAIN_FILE, 120), ("test", TEST_FILE, 70)):
        labels = np.arange(count) % 2
        pixels = random.integers(0, 100, (count, 28, 28))
        for image, label in zip(pixels, labels, strict=True):
            image[14 * label : 14 * label + 14] += 60
        (folder / channel).mkdir()
        write_image_channel(
            ImageChannel(pixels.astype("uint8"), labels.tolist(), ("above", "below")),
            folder / channel / file,
        )
    return folder


def start(channels, folder, *argv, **more):
    """Start the program as a file from a folder outside the project, with a file as its log."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), *argv],
            cwd=folder,
            env=environ | job_variables(channels, folder) | more,
            stdout=log,
            stderr=log,
        )


def wait_for(folder, line, process):
    """Wait until a line is in the log of a running process."""
    while line not in (folder / "log").read_text():
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.01)


def lines(folder, begin):
    return [x for x in (folder / "log").read_text().splitlines() if x.startswith(begin)]


def main(monkeypatch, channels, folder, *argv):
    """Run the program in this process; return the exit code."""
    for name, value in job_variables(channels, folder).items():
        monkeypatch.setenv(name, value)
    return train_tensorflow.main([*argv])


def predictions_of(output):
    return read_predictions((output / "predictions.csv").read_bytes())


def failure(folder):
    return (folder / "output" / "failure").read_text()


def test_train_tensorflow_writes_an_artifact_and_prints_each_epoch(
    images, tmp_path, monkeypatch, capsys
):
    # The launcher's --model_dir, an address in S3, has no effect.
    # No epoch is better than the first one by 100.
    argv = [*DIGITS, "2", "--min_delta", "100", "--model_dir", "s3://bucket/model"]
    assert main(monkeypatch, images, tmp_path, *argv) == 0
    log = capsys.readouterr().out.splitlines()
    assert log[0] == "training digits-cnn on 120 images"
    assert [line.split("=")[0] for line in log[1:11]] == [
        "epoch 1 of 2",
        *METRICS,
        "epoch 2 of 2",
        *METRICS,
    ]
    assert log[11].startswith("weights sha256=")
    assert log[12].startswith("test:accuracy=0.")
    manifest = artifacts.load_manifest(tmp_path / "model")
    assert manifest.label_names == ("above", "below")
    assert {"tensorflow", "keras"} <= set(manifest.versions)
    assert {"1/saved_model.pb", "code/inference.py"} <= set(manifest.files)
    assert not [name for name in manifest.files if name.endswith(".joblib")]
    output = tmp_path / "output" / "data"
    written = {path.name for path in output.iterdir()}
    assert {line.split()[1] for line in log if line.startswith("plot ")} <= written
    assert {"learning_curves.png", "examples.png", "confusion_matrix.png"} <= written
    report = (output / "report.html").read_text()
    assert "Learning curve: loss per epoch" in report
    wrong = sum(a != b for a, b in predictions_of(output).values())
    assert report.count('alt="Image of row ') == min(wrong, 60)
    assert "(Conv2D)" in (output / "model_summary.txt").read_text()
    metrics = json.loads((output / "metrics.json").read_text())
    assert (metrics["train_rows"], metrics["train_validated"]) == (114, 6)
    assert metrics == manifest.metrics
    accuracies = [float(line.split("=")[1]) for line in log if line.startswith(f"{OBJECTIVE}=")]
    assert metrics["train_best_epoch"] == 1
    assert accuracies[2:] == [accuracies[0]] == [metrics["validation_accuracy"]]


@pytest.mark.slow
def test_train_tensorflow_of_headlines_saves_the_vocabulary_all_train_labels_and_a_warning(
    tmp_path, monkeypatch, capsys
):
    headlines = generate_headlines()
    few = headlines.test[headlines.test["label"] < 3]
    train = headlines.train.copy()
    train.loc[train.index[::10], "data"] = "\u200b"
    channels = write_channels(replace(headlines, train=train, test=few), tmp_path)
    argv = ["--recipe", "headlines-fast", "--epochs", "1", "--embedding_dim", "4"]
    assert main(monkeypatch, channels, tmp_path, *argv) == 0
    manifest = artifacts.load_manifest(tmp_path / "model")
    assert {"vocabulary.json", "1/saved_model.pb"} <= set(manifest.files)
    assert "serving/inference_pipeline/encode_texts.py" in manifest.files
    assert manifest.label_names == LABEL_NAMES
    report = (tmp_path / "output" / "data" / "report.html").read_text()
    assert "text, with the words that matter most" in report
    assert "top words" in report
    assert len(predictions_of(tmp_path / "output" / "data")) == len(few)
    blank = f"of {len(train)} train texts (10%) have no visible character."
    assert blank in manifest.warnings[0]


@pytest.mark.parametrize(("balance", "limit"), [("none", 500), ("smallest", 400)])
def test_prepare_holds_back_whole_stories_without_learning_their_words(balance, limit):
    headlines = generate_headlines().train
    # Each headline has its own word, which shows on which rows the encoder was fitted.
    texts = [f"{text} own{number}" for number, text in enumerate(headlines["data"])]
    labels, stories = headlines["label"].to_numpy("int64"), headlines["data_subject"].tolist()
    recipe = RECIPES["headlines-lstm"]
    overrides = {
        "max_features": "9999",
        "maxlen": "30",
        "balance": balance,
        "validation_split": "0.2",
    }
    hyperparameters = parse_hyperparameters(overrides, recipe.hyperparameters)
    prepared = preparation.prepare(
        recipe, hyperparameters, Examples(labels, LABEL_NAMES, texts, groups=stories)
    )
    known = {word for word in prepared.encoder.vocabulary if word.startswith("own")}
    trained = {number for number in range(len(texts)) if f"own{number}" in known}
    train, held = prepared.train.labels, prepared.validation.labels
    assert len(trained) == len(train)
    assert 0 < len(held) < len(train) < limit
    if balance == "smallest":
        assert np.ptp(np.bincount([*train, *held])) == 0
        return  # balancing drops rows without a trace
    seen = {stories[number] for number in trained}
    assert not seen & {stories[number] for number in set(range(len(texts))) - trained}


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--recipe", "newsgroups-naive-bayes"], "trains with scikit-learn, and this program"),
        (["--recipe", "digits-cnn", "--epoch", "3"], "'epoch'; did you mean epochs?"),
        (["--recipe", "digits-cnn", "--dropout", "1"], "a number from 0 up to 0.95"),
        (
            ["--recipe", "sketches-dense", "--optimizer", "sgd", "--learning_rate", "1e30"],
            "the loss after epoch 1 is nan in training and nan in validation; expected finite num",
        ),
    ],
)
def test_train_tensorflow_that_cannot_train_fails_with_a_message_and_saves_nothing(
    images, tmp_path, monkeypatch, argv, message
):
    assert main(monkeypatch, images, tmp_path, *argv) == 1
    assert message in failure(tmp_path)
    assert not (tmp_path / "model").exists()


def test_train_sklearn_of_a_tensorflow_recipe_names_the_other_program(
    sample_channels, tmp_path, monkeypatch
):
    for name, value in job_variables(sample_channels, tmp_path).items():
        monkeypatch.setenv(name, value)
    assert train_sklearn.main(["--recipe", "headlines-fast"]) == 1
    assert "training/train_tensorflow.py" in failure(tmp_path)


@pytest.mark.slow
def test_train_tensorflow_resumed_after_a_kill_ends_with_the_weights_of_an_uninterrupted_run(
    images, tmp_path, monkeypatch, capsys
):
    argv = [*DIGITS, str(EPOCHS), "--patience", str(EPOCHS)]
    parted = tmp_path / "parted"
    killed = start(images, parted, *argv)
    wait_for(parted, "epoch 3 of", killed)
    killed.kill()
    assert killed.wait() == -9
    assert len(lines(parted, "epoch ")) < EPOCHS
    assert start(images, parted, *argv).wait() == 0
    assert len(lines(parted, "resuming after epoch ")) == 1
    assert main(monkeypatch, images, tmp_path / "whole", *argv) == 0
    whole = capsys.readouterr().out.splitlines()
    # An epoch is printed twice if the job was killed between its lines and its checkpoint.
    epochs = list(dict.fromkeys(lines(parted, "epoch ")))
    assert epochs == [f"epoch {number} of {EPOCHS}" for number in range(1, EPOCHS + 1)]
    for begin in ("weights sha256=", "test:accuracy=", "train:best_epoch="):
        assert lines(parted, begin) == [line for line in whole if line.startswith(begin)] != []
    # Another job must not resume from these checkpoints.
    assert main(monkeypatch, images, parted, *DIGITS, "3") == 1
    assert f"another hyperparameter epochs: {EPOCHS}; this job has 3" in failure(parted)


def two_workers(images, tmp_path, *argv):
    """Start two workers of one job on this machine; return their folders and processes."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as b:
        addresses = [f"127.0.0.1:{s.getsockname()[1]}" for s in (one, b)]
    cluster = {"cluster": {"worker": addresses}, "environment": "cloud"}
    folders = [tmp_path / "chief", tmp_path / "second"]
    started = []
    for index, folder in enumerate(folders):
        config = json.dumps(cluster | {"task": {"type": "worker", "index": index}})
        started.append(start(images, folder, *argv, TF_CONFIG=config))
    return folders, started


@pytest.mark.slow
def test_two_workers_end_with_equal_weights_and_only_the_chief_writes(images, tmp_path):
    folders, workers = two_workers(images, tmp_path, *DIGITS, "3")
    assert [worker.wait() for worker in workers] == [0, 0]
    chief, second = folders
    assert lines(chief, "weights ") == lines(second, "weights ") != []
    assert lines(chief, "validation:loss") == lines(second, "validation:loss")
    assert artifacts.load_manifest(chief / "model").recipe == "digits-cnn"
    assert [path.name for path in second.iterdir()] == ["log"]


@pytest.mark.slow
@pytest.mark.parametrize("victim", [0, 1])
def test_worker_ends_with_a_reason_when_its_peer_is_killed(images, tmp_path, victim):
    folders, workers = two_workers(images, tmp_path, *DIGITS, "9999", "--patience", "9999")
    wait_for(folders[0], "epoch 2 of", workers[0])
    workers[victim].kill()
    assert workers[1 - victim].wait(timeout=120) == 1
    assert "another worker of this job" in failure(folders[1 - victim])
    workers[victim].wait()

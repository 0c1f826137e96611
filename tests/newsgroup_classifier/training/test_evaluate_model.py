"""The program of `evaluate` measures a registered model, and refuses other bytes and labels."""

import json
import tarfile
from dataclasses import replace

import numpy as np
import pytest

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.channels import images, texts
from newsgroup_classifier.channels.texts import TEST_FILE
from newsgroup_classifier.errors import ArtifactError, DataError
from newsgroup_classifier.evaluation.metrics import classification_metrics
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.recommender import load_recommender
from newsgroup_classifier.training.environment import CHANNEL_FILE, MODEL_SHA256
from newsgroup_classifier.training.evaluate_model import ARCHIVE, Folders, evaluate, scores_of
from newsgroup_classifier.training.examples import Examples, read_channel_file
from tests.end_to_end.tensorflow.tensorflow_models import untrained, write_archive


@pytest.fixture
def folders(artifact, sample_channels, tmp_path) -> Folders:
    """Return the folders of a job on the sample."""
    (tmp_path / "model").mkdir()
    with tarfile.open(tmp_path / "model" / ARCHIVE, "w:gz") as tar:
        tar.add(artifact, arcname=".")
    return Folders(tmp_path / "model", sample_channels / "test", tmp_path / "evaluation")


def variables(folders: Folders) -> dict[str, str]:
    return {MODEL_SHA256: sha256_of(folders.model / ARCHIVE), CHANNEL_FILE: TEST_FILE}


@pytest.mark.slow
def test_program_writes_the_metrics_of_the_model_and_plots(folders, artifact, capsys):
    metrics = evaluate(folders, variables(folders))
    model = load_recommender(artifact)
    channel = texts.read_channel(folders.channel / TEST_FILE)
    features = model.transformers.transform(channel.texts)
    predicted = model.classifier.estimator.predict(features)
    expected = classification_metrics(channel.labels, predicted)
    assert metrics == {**expected, "rows": len(channel.texts)}
    assert json.loads((folders.output / "metrics.json").read_text()) == metrics
    names = {path.name for path in folders.output.iterdir()}
    plots = {"confusion_matrix.png", "roc_curves.png", "precision_recall_curves.png"}
    assert names == {"metrics.json", *plots}
    assert f"test:accuracy={metrics['accuracy']!r}" in capsys.readouterr().out


def test_other_bytes_than_the_registered_ones_are_not_unpacked(folders):
    environ = variables(folders) | {MODEL_SHA256: "0" * 64}
    with pytest.raises(ArtifactError, match="was replaced after it was registered"):
        evaluate(folders, environ)
    assert not folders.output.exists()


def test_labels_are_matched_by_name_whatever_their_numbers(folders, artifact):
    examples = read_channel_file(folders.channel, TEST_FILE)
    last = len(examples.label_names) - 1
    names = tuple(reversed(examples.label_names))
    turned = replace(examples, labels=last - examples.labels, label_names=names)
    expected, found = scores_of(artifact, examples), scores_of(artifact, turned)
    assert found.labels == expected.labels
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)


def test_label_that_the_model_does_not_know_is_named(artifact):
    examples = Examples(np.array([0]), ("cooking",), ["a text"])
    with pytest.raises(DataError, match=r"does not know: cooking; expected only labels"):
        scores_of(artifact, examples)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["headlines-lstm", "headlines-fast", "digits-cnn"])
def test_network_of_an_artifact_has_the_scores_that_it_has_in_memory(recipe, tmp_path):
    source, names = RECIPES[recipe], ("a", "b", "c")
    lines = ["a first line of text", "one more", "and a third of them, longer than the others"]
    pixels = np.random.default_rng(3).integers(0, 256, (3, 28, 28), np.uint8)
    rows = pixels if source.inputs == "images" else lines
    network = untrained(recipe, names, () if rows is pixels else lines)
    write_archive(recipe, network, tmp_path)
    examples = Examples(
        np.array([2, 0, 1]),
        names,
        () if rows is pixels else lines,
        pixels if rows is pixels else None,
    )
    scores = scores_of(tmp_path / "model", examples)
    expected = network.probabilities(rows)
    np.testing.assert_allclose(scores.probabilities, expected, atol=1e-6)
    assert scores.predicted == expected.argmax(axis=1).tolist()
    assert (scores.labels, scores.inputs) == ([2, 0, 1], source.inputs)


def test_channel_file_of_images_is_read_as_images(tmp_path):
    pixels = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    channel = images.ImageChannel(pixels, [1, 0], ("cat", "dog"))
    images.write_image_channel(channel, tmp_path / images.TEST_FILE)
    examples = read_channel_file(tmp_path, images.TEST_FILE)
    np.testing.assert_array_equal(examples.images, pixels)
    assert (examples.labels.tolist(), examples.label_names) == ([1, 0], ("cat", "dog"))

"""The program of `evaluate` measures a registered model, and refuses other bytes and labels."""

import json
import tarfile

import numpy as np
import pytest

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.channels.texts import TEST_FILE, Channel, read_channel
from newsgroup_classifier.errors import ArtifactError, DataError
from newsgroup_classifier.evaluation.metrics import classification_metrics
from newsgroup_classifier.recommender import load_recommender
from newsgroup_classifier.training.environment import CHANNEL_FILE, MODEL_SHA256
from newsgroup_classifier.training.evaluate_model import ARCHIVE, Folders, evaluate, scores_of


@pytest.fixture
def folders(artifact, sample_channels, tmp_path) -> Folders:
    """Return the folders of a job on the sample."""
    (tmp_path / "model").mkdir()
    with tarfile.open(tmp_path / "model" / ARCHIVE, "w:gz") as tar:
        tar.add(artifact, arcname=".")
    return Folders(tmp_path / "model", sample_channels / "test", tmp_path / "evaluation")


def variables(folders: Folders) -> dict[str, str]:
    return {MODEL_SHA256: sha256_of(folders.model / ARCHIVE), CHANNEL_FILE: TEST_FILE}


def test_program_writes_the_metrics_of_the_model_and_plots(folders, artifact, capsys):
    metrics = evaluate(folders, variables(folders))
    model, channel = load_recommender(artifact), read_channel(folders.channel / TEST_FILE)
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
    model = load_recommender(artifact)
    channel = read_channel(folders.channel / TEST_FILE)
    count = len(channel.label_names)
    turned = Channel(
        channel.texts,
        [count - 1 - label for label in channel.labels],
        tuple(reversed(channel.label_names)),
    )
    expected, found = scores_of(model, channel), scores_of(model, turned)
    assert found.labels == expected.labels
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)


def test_label_that_the_model_does_not_know_is_named(artifact):
    with pytest.raises(DataError, match=r"does not know: cooking; expected only labels"):
        scores_of(load_recommender(artifact), Channel(["a text"], [0], ("cooking",)))

"""The artifact of one training job makes the same predictions in both stages and in Lambda."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline, make_pipeline

from inference_pipeline import predict, preprocess
from lambda_handler.model import Model, load_model
from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE, write_channel
from newsgroup_classifier.datasets.spooky import generate_lexicon, generate_spooky
from newsgroup_classifier.estimators.explaining import explain_texts
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.text.lexicon import LEXICON_FILE, write_lexicon
from tests.inference_pipeline.any_body.generated import visible_texts
from tests.inference_pipeline.conftest import ROOT, Served
from tests.inference_pipeline.explaining.same_explanations import assert_same

PROGRAM = ROOT / "newsgroup_classifier" / "training" / "train_sklearn.py"
SERVED_BY_LAMBDA = [recipe.name for recipe in RECIPES.values() if recipe.served_by_lambda]
# The tests of the handler compare its model with those of all recipes.
LATER = {"newsgroups-text", "spooky-ngrams", "spooky-topic-forest"}
SENTENCES = list(generate_spooky().test["data"])


@dataclass(frozen=True)
class Release:
    """The output of one training job: both stages, the Lambda model, and the log."""

    served: Served
    model: Model
    manifest: Any
    log: str


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] * (name in LATER)) for name in SERVED_BY_LAMBDA
    ],
)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return train_release(request.param, tmp_path_factory.mktemp(request.param))


def train_release(recipe: str, folder: Path) -> Release:
    """Train a recipe on the sample as a container does, and load its artifact for serving."""
    run = subprocess.run(
        [sys.executable, str(PROGRAM), "--recipe", recipe],
        env=channels(folder), cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    artifact = folder / "model"
    manifest = artifacts.load_manifest(artifact)
    first, rest = preprocess.model_fn(str(artifact)), predict.model_fn(str(artifact))
    pipeline = make_pipeline(first, rest.estimator)
    served = Served(pipeline, artifact, first, rest, SENTENCES)
    model = load_model((artifact / artifacts.LAMBDA_MODEL).read_bytes())
    return Release(served, model, manifest, run.stdout)


def channels(folder: Path) -> dict[str, str]:
    """Write the channels of a job, and return its environment."""
    dataset = generate_spooky()
    for name, file, frame in (
        ("train", TRAIN_FILE, dataset.train),
        ("test", TEST_FILE, dataset.test),
    ):
        (folder / name).mkdir()
        write_channel(frame, folder / name / file)
    (folder / "lexicon").mkdir()
    (folder / "lexicon" / LEXICON_FILE).write_bytes(write_lexicon(generate_lexicon()))
    return {
        "SM_CHANNEL_TRAIN": str(folder / "train"),
        "SM_CHANNEL_TEST": str(folder / "test"),
        "SM_CHANNEL_LEXICON": str(folder / "lexicon"),
        "SM_MODEL_DIR": str(folder / "model"),
        "SM_OUTPUT_DATA_DIR": str(folder / "output" / "data"),
    }


def check(release: Release, texts: list[str]) -> None:
    """Assert that the stages and the Lambda model agree with the pipeline in memory."""
    expected = release.served.pipeline.predict_proba(texts)
    labels = release.served.pipeline.predict(texts)
    in_lambda = release.model.predict_proba(texts)
    np.testing.assert_allclose(in_lambda, expected, rtol=0, atol=1e-9)
    assert in_lambda.argmax(axis=1).tolist() == labels.tolist()
    for prediction, row, label in zip(
        release.served.predictions(json.dumps(texts), "application/json"),
        expected, labels, strict=True,
    ):  # fmt: skip
        assert prediction["label"] == release.model.label_names[label]
        assert list(prediction["probabilities"].values()) == pytest.approx(row, rel=0, abs=1e-9)


def test_predictions_are_the_same_in_memory_in_the_stages_and_in_lambda(release):
    check(release, SENTENCES)


def test_predictions_for_texts_without_known_words_are_the_same_everywhere(release):
    check(release, ["xqzt", "!", SENTENCES[0], "É" * 30])


@given(st.lists(visible_texts, min_size=1, max_size=4))
@settings(max_examples=30)
def test_predictions_for_any_texts_are_the_same_everywhere(release, texts):
    check(release, texts)


def test_explanations_are_the_same_in_memory_in_the_stages_and_in_lambda(release):
    texts = [*SENTENCES[:3], "xqzt", "!", "a\u0130 b, a a b. \u4eba\u5de5 \U0001f600"]
    body = json.dumps({"instances": texts, "explain": 1000})
    pipeline = Pipeline(
        [*release.served.transformers.steps, ("last", release.served.classifier.estimator)]
    )
    columns = pipeline.predict(texts).tolist()
    parts = zip(
        release.served.predictions(body, "application/json"),
        explain_texts(pipeline, texts, columns, 1000),
        release.model.explain(texts, columns, 1000),
        strict=True,
    )
    for prediction, *explanations in parts:
        for explanation in explanations:
            assert_same(prediction["explanation"], explanation.as_dict(prediction["label"]))


def test_manifest_lists_the_lambda_model_and_the_job_evaluated_it(release):
    assert artifacts.LAMBDA_MODEL in release.manifest.files
    assert release.model.recipe == release.manifest.recipe
    assert release.model.label_names == release.manifest.label_names
    assert release.manifest.metrics["accuracy"] > 0.6
    assert "test:accuracy=" in release.log


@pytest.mark.slow
def test_stages_run_from_the_serving_code_of_the_artifact_alone(release, tmp_path):
    """As in a container, only the code of the artifact is on the path."""
    program = (
        "import sys, json; sys.path.insert(0, sys.argv[1] + '/serving')\n"
        "from inference_pipeline import predict, preprocess\n"
        "texts = preprocess.input_fn('a text', 'text/plain')\n"
        "rows = preprocess.predict_fn(texts, preprocess.model_fn(sys.argv[1]))\n"
        "features = predict.input_fn(*preprocess.output_fn(rows, '*/*'))\n"
        "predictions = predict.predict_fn(features, predict.model_fn(sys.argv[1]))\n"
        "print(predictions[0].label, 'nltk' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(release.served.folder)],
        cwd=tmp_path, env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    label, with_nltk = run.stdout.split()
    assert label in release.model.label_names
    assert with_nltk == "False"


@pytest.mark.slow
def test_job_without_the_lexicon_channel_fails_with_the_reason(tmp_path):
    environ = channels(tmp_path)
    (tmp_path / "lexicon" / LEXICON_FILE).unlink()
    run = subprocess.run(
        [sys.executable, str(PROGRAM), "--recipe", "spooky-topic-forest"],
        env=environ, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    reason = (tmp_path / "output" / "failure").read_text()
    assert reason.startswith(f"{LEXICON_FILE} is missing in the lexicon channel")

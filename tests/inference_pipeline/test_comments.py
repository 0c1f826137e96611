"""Both stages of comments-mlp make the same predictions as its pipeline in memory."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import predict, preprocess
from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.reddit_comments import generate_comments
from newsgroup_classifier.recipes.catalogue import RECIPES, preset_values
from newsgroup_classifier.training.vendored import vendored_packages
from tests.inference_pipeline.any_body.generated import visible_texts
from tests.inference_pipeline.conftest import ROOT, Served

RECIPE = RECIPES["comments-mlp"]
DATASET = generate_comments()
NAMES = tuple(sorted(set(DATASET.train["label_names"])))


@pytest.fixture(scope="module")
def comments(tmp_path_factory):
    """Train on the sample with the solver for small data, save, and load both stages."""
    values = preset_values(RECIPE, "grid") | {"solver": "lbfgs", "max_iter": 1000}
    pipeline = RECIPE.build(values).fit(list(DATASET.train["data"]), list(DATASET.train["label"]))
    folder = tmp_path_factory.mktemp("model")
    about = {
        "recipe": RECIPE.name, "label_names": NAMES, "hyperparameters": values, "metrics": {},
        "search": {"search": "grid"},
    }  # fmt: skip
    objects = {artifacts.PREPROCESS: pipeline[:-1], artifacts.MODEL: pipeline[-1]}
    vendored = artifacts.Extras(vendored_packages(RECIPE))
    artifacts.save_artifact(folder, objects, about, ROOT, vendored)
    stages = preprocess.model_fn(str(folder)), predict.model_fn(str(folder))
    return Served(pipeline, folder, *stages, list(DATASET.test["data"]))


def check(served, texts):
    """Assert that both stages predict as the pipeline in memory."""
    predictions = served.predictions(json.dumps({"instances": texts}), "application/json")
    expected = served.pipeline.predict_proba(texts)
    labels = served.pipeline.predict(texts)
    for prediction, row, label in zip(predictions, expected, labels, strict=True):
        assert prediction["label"] == NAMES[label]
        assert list(prediction["probabilities"].values()) == pytest.approx(row, rel=0, abs=1e-9)


def test_stages_of_all_comments_predict_as_the_pipeline_in_memory(comments):
    check(comments, comments.posts)
    probabilities = comments.pipeline.predict_proba(comments.posts)
    assert len(set(probabilities.argmax(axis=1))) == len(NAMES)  # both labels occur


@given(st.lists(visible_texts, min_size=1, max_size=4))
@settings(max_examples=50)
def test_stages_of_any_comments_predict_as_the_pipeline_in_memory(comments, texts):
    check(comments, texts)


def test_artifact_contains_the_stemmer_and_records_the_search(comments):
    assert (comments.folder / "serving" / "snowballstemmer" / "porter_stemmer.py").is_file()
    assert artifacts.load_manifest(comments.folder).search == {"search": "grid"}

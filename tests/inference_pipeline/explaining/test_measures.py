"""A model has one measure of explanations, which training writes and all that serves it reads."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from inference_pipeline import predict, preprocess
from lambda_handler.model import load_model
from newsgroup_classifier.artifacts import LAMBDA_MODEL, load_manifest
from newsgroup_classifier.datasets.spooky import AUTHORS, generate_spooky
from newsgroup_classifier.estimators.explaining import explain_texts
from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.own_code import OwnCode
from newsgroup_classifier.training.arguments import parse_args
from newsgroup_classifier.training.own_recipes import registered_recipe
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult
from newsgroup_classifier.training.scikit_learn.saving import save
from scripts.jobs.fitted_models import FittedModel, write_artifact
from tests.inference_pipeline.conftest import ROOT, Served
from tests.inference_pipeline.explaining.same_explanations import assert_same
from tests.lambda_handler.models.changed_models import loaded, parts_of, without

SPOOKY = generate_spooky()
TEXTS = list(SPOOKY.test["data"])[:2]


@pytest.fixture(scope="module")
def pipeline():
    made = make_pipeline(CountVectorizer(), TfidfTransformer(), LogisticRegression())
    return made.fit(list(SPOOKY.train["data"]), list(SPOOKY.train["label"]))


def train(pipeline, recipe, folder):
    """Write an artifact as a training job does."""
    arguments = parse_args(["--recipe", "text-linear"], {"SM_MODEL_DIR": str(folder)})
    paths = replace(arguments.paths, output_data=folder.with_name("output"))
    scores = Scores([0], [0], np.ones((1, 3)) / 3, AUTHORS)
    result = TrainingResult(pipeline, {}, scores, {})
    save(result, replace(arguments, recipe=recipe, paths=paths), ROOT, {})


def register(pipeline, recipe, folder):
    """Write an artifact as the registration of a fitted model does."""
    model = FittedModel(pipeline, AUTHORS, OwnCode(folder, ()))
    write_artifact(model, recipe, folder, ROOT)


@pytest.mark.parametrize(("first_steps", "measure"), [(-1, "decision"), (1, "probability")])
@pytest.mark.parametrize("write", [train, register])
def test_measure_is_the_same_in_training_and_serving(
    pipeline, write, first_steps, measure, tmp_path
):
    folder = tmp_path / "model"
    recipe = replace(registered_recipe("own-model"), first_steps=first_steps)
    write(pipeline, recipe, folder)
    assert load_manifest(folder).explanations == measure
    stages = preprocess.model_fn(str(folder)), predict.model_fn(str(folder))
    served = Served(pipeline, folder, *stages, TEXTS)
    body = json.dumps({"instances": TEXTS, "explain": 4})
    columns = pipeline.predict(TEXTS).tolist()
    for prediction, *explanations in zip(
        served.predictions(body, "application/json"),
        explain_texts(pipeline, TEXTS, columns, 4, first_steps),
        load_model((folder / LAMBDA_MODEL).read_bytes()).explain(TEXTS, columns, 4),
        strict=True,
    ):
        assert prediction["explanation"]["measure"] == measure
        for explanation in explanations:
            assert_same(prediction["explanation"], explanation.as_dict(prediction["label"]))


def test_function_explains_a_model_of_an_earlier_release_by_removal(pipeline, tmp_path):
    register(pipeline, registered_recipe("own-model"), tmp_path / "model")
    manifest, arrays = parts_of((tmp_path / "model" / LAMBDA_MODEL).read_bytes())
    earlier = loaded(without(manifest, "explanations"), arrays)
    (explanation,) = earlier.explain(TEXTS[:1], [0], 3)
    assert explanation.measure == "probability"

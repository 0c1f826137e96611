"""Features of any type get the same probabilities everywhere, those that were tested."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from inference_pipeline import predict, preprocess
from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.estimators.explaining import explain_texts, measure_of
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.recommender import load_recommender
from newsgroup_classifier.recommender import predict as recommend
from newsgroup_classifier.training.evaluate_model import scores_of
from newsgroup_classifier.training.examples import Examples
from newsgroup_classifier.training.scikit_learn.fitting import train
from newsgroup_classifier.training.search.searching import Task, search
from tests.newsgroup_classifier.conftest import ROOT
from tests.newsgroup_classifier.estimators.linear_text.made_texts import make_texts

NAMES = ("first", "second")


def to_matrix(rows):
    return rows.todense()  # of a type that scikit-learn refuses


def to_halves(rows):
    return rows.toarray().astype(np.float16)


def dense(function):
    return TfidfVectorizer(), FunctionTransformer(function, accept_sparse=True)


STEPS = {
    "single": (CountVectorizer(dtype=np.float32), SGDClassifier(loss="log_loss", random_state=0)),
    "bytes": (CountVectorizer(dtype=np.uint8), LogisticRegression()),
    "booleans": (CountVectorizer(dtype=bool), LogisticRegression()),
    "matrix": (*dense(to_matrix), GaussianNB()),
    "halves": (*dense(to_halves), LogisticRegression()),
}


@pytest.fixture(scope="module")
def made():
    made = make_texts("German", 80)
    texts = [f"{text} {text}" for text in made.train]
    return Channel(texts, [sorted(set(made.labels)).index(label) for label in made.labels], NAMES)


def asked(folder, content):
    """Return what both containers answer."""
    first, second = preprocess.model_fn(folder), predict.model_fn(folder)
    body = preprocess.predict_fn(
        preprocess.input_fn(json.dumps(content), "application/json"), first
    )
    rows = predict.input_fn(body, preprocess.output_fn(body, "*/*")[1])
    answer, _ = predict.output_fn(predict.predict_fn(rows, second), "application/json")
    answers = json.loads(answer)["predictions"]
    return [[each["probabilities"][name] for name in NAMES] for each in answers], answers


@pytest.mark.parametrize("kind", STEPS)
def test_features_of_any_type_get_the_probabilities_of_the_test_everywhere(kind, made, tmp_path):
    recipe = replace(RECIPES["text-linear"], build=lambda _: make_pipeline(*STEPS[kind]))
    result = train(recipe, {}, made, made)
    pipeline, expected = result.pipeline, result.scores.probabilities
    objects = {artifacts.PREPROCESS: pipeline[:-1], artifacts.MODEL: pipeline[-1]}
    about = {
        "recipe": recipe.name, "label_names": NAMES, "hyperparameters": {}, "metrics": {},
        "explanations": measure_of(pipeline),
    }  # fmt: skip
    artifacts.save_artifact(tmp_path, objects, about, ROOT)
    texts = made.texts[:6]
    served, _ = asked(str(tmp_path), {"instances": texts})
    np.testing.assert_array_equal(np.asarray(served, expected.dtype), expected[:6])
    explained, answers = asked(str(tmp_path), {"instances": texts, "explain": 3})
    assert explained == served
    columns = expected[:6].argmax(axis=1)
    for answer, here in zip(answers, explain_texts(pipeline, texts, columns, 3), strict=True):
        there = answer["explanation"]
        assert there["value"] == pytest.approx(here.value, rel=0, abs=1e-5)
        assert [word["text"] for word in there["words"]] == [word.text for word in here.words]
    ranked = recommend(load_recommender(tmp_path), texts)
    assert [{each.label: each.probability for each in row} for row in ranked] == [
        dict(zip(NAMES, row, strict=True)) for row in served
    ]
    scores = scores_of(tmp_path, Examples(np.array(made.labels), NAMES, made.texts))
    np.testing.assert_array_equal(scores.probabilities, expected)


def test_candidates_are_compared_on_features_of_any_type(made):
    recipe = replace(RECIPES["text-linear"], space=())
    task = Task(
        recipe,
        {"folds": 2},
        lambda _: make_pipeline(*STEPS["matrix"]),
        made.texts,
        made.labels,
        NAMES,
    )
    assert search(task, workers=1).accuracy > 0.5


@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_words_are_explained_by_counts_that_the_type_of_the_features_has_no_room_for(made, dtype):
    def explained(dtype):
        vectorizer = CountVectorizer(binary=True, dtype=dtype)
        pipeline = make_pipeline(vectorizer, LogisticRegression()).fit(made.texts, made.labels)
        first, *others = made.texts[0].split()
        (explanation,) = explain_texts(pipeline, [" ".join([*others, *[first] * 300])], [0], 50)
        return [each.contribution for each in explanation.words]

    with warnings.catch_warnings(action="error"):
        assert explained(dtype) == pytest.approx(explained(float), rel=1e-9)

"""Each label gets its own probability, whatever the classes of a model are, or it is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from inference_pipeline import predict, preprocess
from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.errors import ArtifactError
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.recommender import load_recommender, match_classes
from newsgroup_classifier.recommender import predict as recommend
from newsgroup_classifier.training.scikit_learn.fitting import train
from tests.newsgroup_classifier.conftest import ROOT

NAMES = ("boats", "apples", "cats")
HEADER = "\n" * 5
TEXTS = [HEADER + text for text in ("sail the boat", "eat the fruit", "feed the kitten")] * 3
NUMBERS = [0, 1, 2] * 3


class Fitted(ClassifierMixin, BaseEstimator):
    """An estimator with classes in any order; a row has the probability of its class."""

    def __init__(self, classes):
        self.classes = classes

    @property
    def classes_(self):
        return np.array(self.classes)


class Listing(LogisticRegression):
    """A classifier that returns lists."""

    def predict_proba(self, X):
        return super().predict_proba(X).tolist()

    def predict(self, X):
        return super().predict(X).tolist()


class Column(LogisticRegression):
    """A classifier that predicts a column, as CatBoost does for three or more classes."""

    def predict(self, X):
        return super().predict(X).reshape(-1, 1)


class Unsure(LogisticRegression):
    """A classifier whose probabilities are no numbers."""

    def predict_proba(self, X):
        return super().predict_proba(X) * np.nan


class Framing(LogisticRegression):
    """A classifier that returns data frames."""

    def predict_proba(self, X):
        return pd.DataFrame(super().predict_proba(X), columns=self.classes_)


class Sparse(LogisticRegression):
    """A classifier with sparse weights."""

    def fit(self, X, y):
        return super().fit(X, y).sparsify()


def saved(folder, labels, names=NAMES, pipeline=None):
    """Save a pipeline, by default naive Bayes, fitted on labels of any kind."""
    pipeline = pipeline or RECIPES["newsgroups-naive-bayes"].build({"alpha": 0.01})
    pipeline.fit(TEXTS, labels)
    about = {
        "recipe": "newsgroups-naive-bayes", "label_names": names,
        "hyperparameters": {}, "metrics": {},
    }  # fmt: skip
    objects = {artifacts.PREPROCESS: pipeline[:-1], artifacts.MODEL: pipeline[-1]}
    artifacts.save_artifact(folder, objects, about, ROOT)
    return str(folder)


def predictions(folder):
    """Return what both containers answer for the three texts."""
    first, second = preprocess.model_fn(folder), predict.model_fn(folder)
    features = preprocess.predict_fn(
        preprocess.input_fn(json.dumps(TEXTS[:3]), "application/json"), first
    )
    rows = predict.input_fn(features, preprocess.output_fn(features, "*/*")[1])
    content, _ = predict.output_fn(predict.predict_fn(rows, second), "application/json")
    return json.loads(content)["predictions"]


@pytest.mark.parametrize(
    "labels",
    [
        [NAMES[number] for number in NUMBERS],  # sorted by scikit-learn: apples, boats, cats
        np.array([NAMES[number] for number in NUMBERS], dtype=object),
        [float(number) for number in NUMBERS],
        np.array(NUMBERS, dtype=np.uint8),
    ],
    ids=["names", "objects", "floats", "bytes"],
)
def test_model_with_other_classes_answers_like_one_with_numbers(tmp_path, labels):
    expected = predictions(saved(tmp_path / "numbers", NUMBERS))
    assert [each["label"] for each in expected] == list(NAMES)
    folder = saved(tmp_path / "other", labels)
    actual = predictions(folder)
    assert [each["label"] for each in actual] == list(NAMES)
    for one, other in zip(actual, expected, strict=True):
        assert list(one["probabilities"]) == list(NAMES)
        assert one["probabilities"] == pytest.approx(other["probabilities"], rel=0, abs=1e-12)
    ranked = recommend(load_recommender(folder), TEXTS[:3], top=1)
    assert [row[0].label for row in ranked] == list(NAMES)


@pytest.mark.filterwarnings("ignore")  # of scikit-learn about SVC's own probabilities
@pytest.mark.parametrize(
    "classifier", [Listing(), Column(), Framing(), Sparse(), SVC(kernel="linear", probability=True)]
)
@pytest.mark.parametrize("names", [NAMES, tuple(sorted(NAMES))])
def test_classifier_of_a_user_answers_as_in_memory(tmp_path, classifier, names):
    pipeline = make_pipeline(TfidfVectorizer(), classifier)
    labels = [NAMES[number] for number in NUMBERS]
    folder = saved(tmp_path, labels, names, pipeline)
    answers = predictions(folder)
    assert [each["label"] for each in answers] == np.ravel(pipeline.predict(TEXTS[:3])).tolist()
    rows = np.asarray(pipeline.predict_proba(TEXTS[:3])).tolist()
    for answer, row in zip(answers, rows, strict=True):
        expected = dict(zip(pipeline.classes_, row, strict=True))
        assert answer["probabilities"] == pytest.approx(expected, rel=0, abs=1e-12)


@pytest.mark.filterwarnings("ignore")  # of the overflow
def test_probabilities_that_are_not_finite_are_an_error_of_the_model_and_never_served(tmp_path):
    model = predict.model_fn(
        saved(tmp_path, NUMBERS, NAMES, make_pipeline(TfidfVectorizer(), Unsure()))
    )
    rows = predict.Features(np.ones((1, model.estimator.n_features_in_)))
    answer = predict.predict_fn(rows, model)
    assert (answer.status, answer.code) == (500, "InternalError")
    recipe = RECIPES["newsgroups-naive-bayes"]
    channel = Channel(TEXTS, NUMBERS, NAMES)
    with pytest.raises(
        ArtifactError, match=r"not a finite number\. Train it again with less extrem"
    ):
        train(recipe, recipe.defaults | {"alpha": 1e308}, channel, channel)


def test_model_with_boolean_classes_has_the_labels_0_and_1(tmp_path):
    folder = saved(tmp_path, [number == 0 for number in NUMBERS], ("other", "boats"))
    assert [each["label"] for each in predictions(folder)] == ["boats", "other", "other"]
    ranked = recommend(load_recommender(folder), TEXTS[:1])  # 3 by default, if there are 3
    assert [[each.label for each in row] for row in ranked] == [["boats", "other"]]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([number * 2 for number in NUMBERS], "are 3: 0, 2, 4; expected the numbers 0 to 2"),
        ([f"Class {number}" for number in NUMBERS], r"are 3: \(3 not shown\); expected the num"),
        ([number % 2 for number in NUMBERS], "are 2: "),
        ([NAMES[number % 2] for number in NUMBERS], "are 2: apples, boats; expected"),
        ([str(number) for number in NUMBERS], "are 3: "),
    ],
)
def test_model_with_classes_that_are_not_its_labels_is_not_loaded(tmp_path, labels, words):
    folder = saved(tmp_path, labels)
    with pytest.raises(ArtifactError, match=words) as caught:
        predict.model_fn(folder)
    assert "the classes of MultinomialNB" in str(caught.value)


@given(st.permutations(range(5)), st.booleans())
def test_probabilities_are_put_into_the_order_of_the_labels(order, by_name):
    names = ("e", "d", "c", "b", "a")
    classes = [names[number] for number in order] if by_name else list(order)
    matched = match_classes(Fitted(classes), names)
    probabilities = np.array([order, order])  # the probability of a label is its number
    assert matched.in_label_order(probabilities).tolist() == [[0, 1, 2, 3, 4]] * 2
    assert matched.labels(np.array(classes)) == list(order)


def test_classes_of_several_outputs_are_refused():
    with pytest.raises(ArtifactError, match="are 4: "):
        match_classes(Fitted([[0, 1], [0, 1]]), ("a", "b"))

"""What cannot be served is refused before the first row is read, with one line."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from sklearn.utils.murmurhash import murmurhash3_32

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.evaluation.metrics import classification_metrics
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.environment import training_paths
from newsgroup_classifier.training.program import run_program
from newsgroup_classifier.training.scikit_learn.job import run_job
from newsgroup_classifier.training.scikit_learn.servable import check_pipeline, mark_fitted
from tests.newsgroup_classifier.conftest import ROOT

RECIPE = RECIPES["newsgroups-naive-bayes"]
VOTERS = [("a", MultinomialNB()), ("b", LogisticRegression())]


def stripped(texts):
    return [text.strip() for text in texts]


def pipeline_of(estimator, *functions):
    steps = [(str(n), FunctionTransformer(each)) for n, each in enumerate(functions)]
    return Pipeline([*steps, ("tfidf", TfidfVectorizer()), ("classify", estimator)])


def refusal(pipeline, recipe=RECIPE):
    with pytest.raises(TrainingError) as caught:
        check_pipeline(recipe, pipeline, ROOT)
    return str(caught.value)


@pytest.mark.parametrize(
    "recipe", [each for each in RECIPES.values() if each.framework == "scikit-learn"],
    ids=lambda recipe: recipe.name,
)  # fmt: skip
def test_pipeline_of_every_recipe_can_be_served(recipe):
    check_pipeline(recipe, recipe.build(recipe.defaults), ROOT)


@pytest.mark.parametrize(
    ("estimator", "advice"),
    [
        (LinearSVC(), "Wrap it in CalibratedClassifierCV"),
        (SGDClassifier(), "Wrap it in CalibratedClassifierCV"),
        (GridSearchCV(LinearSVC(), {}), "Wrap it in CalibratedClassifierCV"),
        (VotingClassifier(VOTERS), "Use a classifier that has predict_proba or decision_function"),
        (Ridge(), "Use a classifier that has predict_proba or decision_function"),
    ],
)
def test_estimator_without_probabilities_is_refused_by_name(estimator, advice):
    assert refusal(pipeline_of(estimator)).startswith(
        f"{type(estimator).__name__}, the last step of recipe newsgroups-naive-bayes, has no "
        f"predict_proba, which serving needs. {advice}"
    )


class Stateless:
    """A transformer that learns nothing, as users write them."""

    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return np.array([[len(text)] for text in texts])


def test_transformer_that_learns_nothing_is_fitted_in_a_container_of_its_own():
    class Length(Stateless, TransformerMixin, BaseEstimator):
        pass

    union = FeatureUnion([("one", Length()), ("two", Pipeline([("three", Length())]))])
    steps = Pipeline([("lengths", union)])
    steps.fit(["a", "bb"])
    with pytest.raises(NotFittedError):
        steps.transform(["a"])
    mark_fitted(steps)
    assert steps.transform(["abc"]).tolist() == [[3, 3]]
    with pytest.raises(NotFittedError):
        mark_fitted(vectorizer := TfidfVectorizer())
        vectorizer.transform(["a"])


def test_transformer_as_the_last_step_is_refused():
    assert "has no predict, which serving needs" in refusal(pipeline_of(FunctionTransformer()))


@pytest.mark.parametrize(
    "estimator",
    [
        StackingClassifier(VOTERS),  # has probabilities once it is fitted
        CalibratedClassifierCV(LinearSVC()),
        VotingClassifier(VOTERS, voting="soft"),
        SGDClassifier(loss="log_loss"),
    ],
)
def test_estimator_with_probabilities_is_accepted(estimator):
    check_pipeline(RECIPE, pipeline_of(estimator), ROOT)


@pytest.mark.parametrize("function", [murmurhash3_32, np.char.lower, np.log1p, str.lower])
def test_function_of_a_library_of_the_image_is_accepted(function):
    check_pipeline(RECIPE, pipeline_of(MultinomialNB(), function), ROOT)


def test_pipeline_that_cannot_be_pickled_is_refused():
    message = refusal(pipeline_of(MultinomialNB(), lambda texts: texts))
    assert message.startswith("the pipeline of recipe newsgroups-naive-bayes cannot be pickled (")
    assert "at the top level of a module" in message


@pytest.mark.parametrize(
    ("function", "module"),
    [
        (classification_metrics, "newsgroup_classifier.evaluation.metrics"),
        (stripped, stripped.__module__),
    ],
)
def test_pipeline_with_a_module_that_serving_lacks_is_refused_by_name(function, module):
    message = refusal(pipeline_of(MultinomialNB(), function))
    assert message == (
        f"the model of recipe newsgroups-naive-bayes needs the module {module}, which serving "
        "containers do not have. Move the classes and functions of the model to "
        "newsgroup_classifier/estimators."
    )


def test_pipeline_with_a_function_of_the_program_itself_is_refused(monkeypatch):
    def clean(texts):
        return texts

    clean.__module__, clean.__qualname__ = "__main__", "clean"
    monkeypatch.setattr(sys.modules["__main__"], "clean", clean, raising=False)
    assert "needs the module __main__, which" in refusal(pipeline_of(MultinomialNB(), clean))


def test_pipeline_with_a_package_that_only_training_installs_is_refused():
    from tqdm import tqdm

    recipe = replace(RECIPE, packages=("tqdm",))
    message = refusal(pipeline_of(MultinomialNB(), tqdm), recipe)
    assert message.endswith("do not have. Add tqdm to the recipe's vendored packages.")
    check_pipeline(replace(recipe, vendored=("tqdm",)), pipeline_of(MultinomialNB(), tqdm), ROOT)


@pytest.mark.parametrize("reading", ["whole", "stream"])
def test_job_that_cannot_be_served_fails_before_it_reads_its_channels(tmp_path, capsys, reading):
    environ = {
        "SM_CHANNEL_TRAIN": str(tmp_path / "none"), "SM_CHANNEL_TEST": str(tmp_path / "none"),
        "SM_OUTPUT_DATA_DIR": str(tmp_path / "output" / "data"),
    }  # fmt: skip
    recipe = replace(RECIPE, build=lambda _: pipeline_of(LinearSVC()))
    values = RECIPE.defaults | {"reading": reading}
    arguments = Arguments(recipe, values, training_paths(environ))
    assert run_program(lambda: run_job(arguments, ROOT), environ) == 1
    reason = (tmp_path / "output" / "failure").read_text()
    assert reason.startswith("LinearSVC, the last step of recipe newsgroups-naive-bayes, has no")
    assert capsys.readouterr().err == f"error: {reason}.\n"

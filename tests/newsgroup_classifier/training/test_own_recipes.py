"""A recipe is read from a user's file, or made of a function that returns a pipeline."""

import re
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csc_matrix, issparse
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from inference_pipeline import preprocess
from inference_pipeline.bodies import NO_OPTIONS
from inference_pipeline.feature_rows import read_features
from inference_pipeline.texts import Request
from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.errors import HyperparameterError, NotExportable, TrainingError
from newsgroup_classifier.estimators.decision_probabilities import DecisionProbabilities
from newsgroup_classifier.training.arguments import parse_args
from newsgroup_classifier.training.own_recipes import own_recipe
from newsgroup_classifier.training.scikit_learn.fitting import train
from newsgroup_classifier.training.scikit_learn.servable import check_pipeline
from tests.newsgroup_classifier.conftest import ROOT

PIPELINE = """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC
"""
RECIPE = f"""{PIPELINE}
from newsgroup_classifier.hyperparameters import FloatParameter
from newsgroup_classifier.recipe import ScikitLearnRecipe

def build(hyperparameters):
    return make_pipeline(TfidfVectorizer(), MultinomialNB(alpha=hyperparameters["alpha"]))

RECIPE = ScikitLearnRecipe(
    name="my-bayes",
    summary="mine",
    dataset="",
    hyperparameters=(FloatParameter("alpha", 0.5, "smoothing", above=0.0),),
    build=build,
)
"""


@pytest.fixture
def own(tmp_path):
    """Return a function that reads a recipe from a file with a text."""

    def read(text, function="", name="my_model.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return own_recipe(f"{path}{function and f':{function}'}")

    return read


def test_recipe_of_a_file_is_the_one_that_it_declares(own):
    recipe = own(RECIPE)
    assert recipe.name == "my-bayes"
    assert recipe.build({"alpha": 0.25})[-1].alpha == 0.25
    assert set(recipe.own.files) == {"my_model.py"}


@pytest.mark.parametrize(
    ("arguments", "function", "name"),
    [
        ("", "build", "my-model"),
        ("hyperparameters", "build", "my-model"),
        ("*steps, **options", "build", "my-model"),
        ("C=2.0", "svm", "my-model-svm"),
    ],
)
def test_function_with_or_without_hyperparameters_becomes_a_recipe(own, arguments, function, name):
    text = f"{PIPELINE}\ndef {function}({arguments}):\n"
    text += "    return make_pipeline(TfidfVectorizer(), LinearSVC())\n"
    recipe = own(text, function)
    assert recipe.name == name
    assert recipe.defaults == {"folds": 0}
    last = recipe.build(recipe.defaults)[-1]
    assert isinstance(last, DecisionProbabilities)
    assert isinstance(last.estimator, LinearSVC)


def test_training_program_finds_a_recipe_by_its_file(tmp_path):
    path = tmp_path / "my_model.py"
    path.write_text(RECIPE, encoding="utf-8")
    arguments = parse_args(["--recipe", str(path), "--alpha", "2"], {})
    assert arguments.recipe.name == "my-bayes"
    assert arguments.hyperparameters == {"alpha": 2.0}


def test_recipe_without_an_export_has_the_one_for_linear_models(own):
    recipe = own(RECIPE)
    pipeline = recipe.build(recipe.defaults).fit(["aa bb", "cc dd"], [0, 1])
    about = {"recipe": "my-bayes", "label_names": ["x", "y"]}
    assert recipe.export(pipeline, about).startswith(b"PK")
    with pytest.raises(NotExportable, match="TfidfVectorizer has tokenizer=split"):
        recipe.export(pipeline.set_params(tfidfvectorizer__tokenizer=str.split), about)


@pytest.mark.parametrize(
    ("text", "function", "words"),
    [
        ("", "", "my_model.py has no recipe; expected one ScikitLearnRecipe"),
        ("", "build", "my_model.py:build is not a function; my_model.py has no functions"),
        ("def make(): pass", "build", "my_model.py has make"),
        (f"{PIPELINE}\ndef a(): pass\ndef b(): pass", "build", "my_model.py has a, b"),
        ("build = 1", "build", "is not a function"),
        ("def build(a, b): pass", "build", "needs the arguments a, b; expected none"),
        (RECIPE.replace("my-bayes", "spooky-ngrams"), "", "a name of the project; choose another"),
        (RECIPE.replace("my-bayes", "own-model"), "", "a name of the project; choose another"),
        (RECIPE.replace("my-bayes", "My Bayes"), "", "is not valid: expected a name of at most 40"),
        (
            RECIPE + "\nOTHER = ScikitLearnRecipe(**vars(RECIPE) | {'name': 'b'})",
            "",
            "my-bayes, Sc",
        ),
        (
            "from newsgroup_classifier.recipes.text_linear import SPOOKY as NGRAMS",
            "",
            "a name of the project",
        ),
        ("from newsgroup_classifier.recipes.headlines import *", "", "expected one ScikitLearnRec"),
    ],
)
def test_file_without_a_usable_recipe_is_refused(own, text, function, words):
    with pytest.raises((TrainingError, HyperparameterError), match=re.escape(words)):
        own(text, function)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "return LinearSVC()",
            "returns an object of type LinearSVC; expected a scikit-learn Pipeline of two steps",
        ),
        ("return make_pipeline(LinearSVC())", "of type Pipeline; expected a scikit-learn Pipeline"),
        ("return None", "of type NoneType"),
        ("return words", "my_model.py, line 8 fails: NameError: name 'words' is not defined"),
        ("raise SystemExit(3)", "my_model.py, line 8 fails: SystemExit: 3"),
    ],
)
def test_function_that_returns_no_pipeline_is_refused(own, body, words):
    recipe = own(f"{PIPELINE}\ndef build():\n    {body}\n", "build")
    with pytest.raises(TrainingError, match=re.escape(words)):
        recipe.build(recipe.defaults)


def test_file_that_does_not_exist_or_has_no_name_of_a_module_is_refused(own, tmp_path):
    with pytest.raises(TrainingError, match=r"missing\.py does not exist; expected a Python file"):
        own_recipe(str(tmp_path / "missing.py"))
    with pytest.raises(TrainingError, match="cannot be imported by its name"):
        own(RECIPE, name="my-model.py")


@pytest.mark.slow
def test_training_program_measures_a_user_s_classes_on_folds_in_other_processes(tmp_path):
    classes = """
from sklearn.base import BaseEstimator, TransformerMixin

class Shape(TransformerMixin, BaseEstimator):
    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return [[len(text), text.count("!")] for text in texts]

def build():
    return make_pipeline(Shape(), LinearSVC())
"""
    (tmp_path / "my_model.py").write_text(PIPELINE + classes, encoding="utf-8")
    for channel in ("train", "test"):
        rows = "".join(f"{'wow!' * n},,{n % 2},{'odd' if n % 2 else 'even'}\n" for n in range(30))
        header = "data,data_subject,label,label_names\n"
        (tmp_path / channel).mkdir()
        (tmp_path / channel / f"{channel}.csv").write_text(header + rows, encoding="utf-8")
    words = ["--recipe", f"{tmp_path}/my_model.py:build", "--folds", "2"]
    for flag in ("train", "test", "model-dir", "output-data-dir"):
        words += [f"--{flag}", str(tmp_path / flag)]
    run = subprocess.run(
        [sys.executable, "-m", "newsgroup_classifier.training.train_sklearn", *words],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "validation:accuracy=" in run.stdout
    assert (tmp_path / "model-dir" / "serving" / "my_model.py").is_file()


def test_numbers_of_a_user_s_transformer_of_any_type_are_passed_on_to_the_next_container():
    for features in ([[4, 1]], np.array([[True, False]]), coo_matrix([[0, 3]]), csc_matrix([[2]])):
        transformer = FunctionTransformer(lambda texts, rows=features: rows)
        body = preprocess.predict_fn(Request(["wow!"], NO_OPTIONS), transformer)
        rows, _ = read_features(body)
        expected = features.toarray() if issparse(features) else features
        np.testing.assert_array_equal(rows.toarray() if issparse(rows) else rows, expected)


@pytest.mark.parametrize(
    ("first", "encoding"), [("", "utf-8-sig"), ("# -*- coding: latin-1 -*-\n# für\n", "latin-1")]
)
def test_file_in_an_encoding_that_python_reads_can_be_trained(tmp_path, first, encoding):
    path = tmp_path / "my_model.py"
    text = (
        f"{first}{PIPELINE}\ndef build():\n    return make_pipeline(TfidfVectorizer(), LinearSVC())"
    )
    path.write_text(text, encoding=encoding)
    recipe = own_recipe(f"{path}:build")
    check_pipeline(recipe, recipe.build(recipe.defaults), ROOT)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("list", "list of <U3 with 1 dimensions; expected a matrix of numbers"),
        ("missing", "list with NaN or infinity; expected finite numbers"),
        ("sparse", "csr_array with NaN or infinity; expected finite numbers"),
    ],
)
def test_steps_that_return_no_finite_numbers_are_refused_when_they_are_trained(
    own, function, words
):
    body = (
        "from scipy.sparse import csr_array\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "from sklearn.ensemble import HistGradientBoostingClassifier\n"
        "def missing(texts):\n    return [[len(text), float('nan')] for text in texts]\n"
        "def sparse(texts):\n    return csr_array([[1, float('inf')] for text in texts])\n"
        f"def build():\n    steps = FunctionTransformer({function})\n"
        "    return make_pipeline(steps, HistGradientBoostingClassifier())\n"
    )
    recipe = own(f"{PIPELINE}\n{body}", "build")
    rows = Channel(["a b", "c d", "e f"] * 4, [0, 1, 2] * 4, ("a", "b", "c"))
    words = f"of recipe my-model before the last one return a {words}"
    with pytest.raises(TrainingError, match=words):
        train(recipe, recipe.defaults, rows, rows)

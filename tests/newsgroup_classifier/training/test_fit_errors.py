"""An error in a user's own pipeline is reported as theirs, with its place and without texts."""

import errno
import json
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DataError, TrainingError
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.own_recipes import own_recipe
from newsgroup_classifier.training.scikit_learn.fit_errors import fit_errors, own_errors

SECRET = "my card number is 4000"
OWN = """
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

class Prices(TransformerMixin, BaseEstimator):
    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return [price(text) if "card" in text else text for text in texts]

def price(text):
    FAILURE

def build():
    return make_pipeline(Prices(), CountVectorizer(), MultinomialNB())
"""
HEADER = "data,data_subject,label_names,label\n"


FAILURES = {"KeyError": "{'a': 1}[text]", "ValueError": "raise ValueError('no price in ' + text)"}


@pytest.fixture(params=FAILURES)
def failure(request):
    """Return the kind of the error in the user's file."""
    return request.param


@pytest.fixture
def entry(failure, tmp_path):
    """Write a file of a user whose pipeline fails for one text; return its function as an entry."""
    text = OWN.replace("FAILURE", FAILURES[failure])
    (tmp_path / "prices.py").write_text(text, encoding="utf-8")
    return f"{tmp_path}/prices.py:build"


@pytest.fixture
def recipe(entry):
    """Return the recipe of the file."""
    return own_recipe(entry)


@pytest.mark.parametrize("folds", [0, 2])
@pytest.mark.parametrize("channel", ["train", "test"])
def test_failure_of_a_users_step_in_a_job_names_their_line_and_no_text(
    entry, failure, tmp_path, capsys, monkeypatch, channel, folds
):
    for name in ("train", "test"):
        rows = ["a printer,s,hardware,0\nan invoice,s,billing,1\n"] * 4
        rows += [f"{SECRET},s,billing,1\n"] * (name == channel)
        (tmp_path / f"{name}.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    monkeypatch.setenv("SM_OUTPUT_DIR", str(tmp_path))
    folders = [f"--{name}={tmp_path}" for name in ("train", "test", "model-dir")]
    words = [word for folder in folders for word in folder.split("=")]
    assert train_sklearn.main(["--recipe", entry, "--folds", str(folds), *words]) == 1
    printed = capsys.readouterr()
    part = "the pipeline" if folds and channel == "train" else "step prices"
    assert printed.err.splitlines()[-1] == (
        f"error: {part} of {entry} fails in {tmp_path}/prices.py, line 15: {failure}"
    )
    assert SECRET not in printed.err + printed.out


def test_errors_outside_of_the_users_pipeline_stay_internal(recipe, failure):
    with pytest.raises(ZeroDivisionError), own_errors(recipe):
        1 / 0  # noqa: B018
    with pytest.raises(TrainingError, match=rf"line 15: {failure}$"), own_errors(recipe):
        recipe.build({})[0].transform([SECRET])
    with pytest.raises(ZeroDivisionError), fit_errors(replace(recipe, own=None), "step x"):
        1 / 0  # noqa: B018
    with pytest.raises(KeyError), fit_errors(find_recipe("text-linear"), "step x"):
        json.loads("{}")["label"]


@pytest.mark.parametrize(
    "error", [DataError("no rows"), MemoryError(), OSError(errno.ENOSPC, "full", "/opt/ml/model")]
)
def test_errors_with_an_explanation_of_their_own_keep_it(recipe, error):
    with pytest.raises(type(error)) as caught, fit_errors(recipe, "step prices"):
        raise error
    assert caught.value is error

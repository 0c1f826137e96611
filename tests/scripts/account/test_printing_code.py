"""What a user's code prints goes to stderr, because stdout has the result of the command."""

import argparse
import subprocess
import sys

from scripts.account.own_pipelines import checked_recipe
from scripts.account.selection import own_model_recipe
from scripts.steps.own_job import write_own_model

CODE = """
print("imported")
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

class Lower(TransformerMixin, BaseEstimator):
    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        print("transformed")
        return [text.lower() for text in texts]

def build():
    print("built")
    return make_pipeline(Lower(), TfidfVectorizer(), LogisticRegression())
"""
TRAIN = """
import joblib, my_model
joblib.dump(my_model.build().fit(["good", "bad", "so so"], ["x", "y", "x"]), "model.joblib")
"""


def test_code_of_a_pipeline_prints_to_stderr(tmp_path, capsys):
    (tmp_path / "my_model.py").write_text(CODE)
    assert checked_recipe(f"{tmp_path}/my_model.py:build", trial=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert {"imported", "built", "transformed"} <= set(printed.err.split())


def test_code_of_a_trained_model_prints_to_stderr(tmp_path, capsys):
    (tmp_path / "my_model.py").write_text(CODE)
    subprocess.run([sys.executable, "-c", TRAIN], check=True, cwd=tmp_path, capture_output=True)
    flags = argparse.Namespace(labels=None, code=[])
    recipe = own_model_recipe("tickets")
    write_own_model(tmp_path / "model.joblib", flags, recipe, tmp_path / "artifact")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert {"imported", "transformed"} <= set(printed.err.split())

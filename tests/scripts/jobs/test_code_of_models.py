"""The modules that a trained model needs are found and travel with it."""

import subprocess
import sys

import pytest

from scripts.jobs.fitted_models import read_model
from tests.scripts.jobs.reading_models import predicted, refusal

CODE = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
import marks

class Shape(TransformerMixin, BaseEstimator):
    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return np.array([[len(text), marks.count(text)] for text in texts], float)
"""
TRAIN = """
import sys
import joblib
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from {module} import Shape
model = make_pipeline(Shape(), LogisticRegression()).fit(["a", "b!!", "c"], ["x", "y", "x"])
joblib.dump(model, sys.argv[1])
"""


@pytest.fixture
def with_code(tmp_path):
    """Save a model with a class of a module next to it, from another process."""
    (tmp_path / "shapes.py").write_text(CODE)
    (tmp_path / "marks.py").write_text("def count(text):\n    return text.count('!')\n")
    path = tmp_path / "model.joblib"
    subprocess.run(
        [sys.executable, "-c", TRAIN.format(module="shapes"), str(path)], check=True, cwd=tmp_path
    )
    return path


def test_modules_next_to_the_model_are_found_with_those_that_they_import(with_code):
    model = read_model(with_code, None, ())
    assert set(model.code.files) == {"shapes.py", "marks.py"}
    assert predicted(model, ["a", "b!!"])[0] == ["x", "y"]


def test_modules_of_another_folder_are_passed_as_code(with_code, tmp_path):
    folder = tmp_path / "src"
    folder.mkdir()
    for name in ("shapes.py", "marks.py"):
        (tmp_path / name).rename(folder / name)
    assert "needs shapes, which the scikit-learn image does not have" in refusal(with_code)
    model = read_model(with_code, None, [folder / "shapes.py"])
    assert set(model.code.files) == {"shapes.py", "marks.py"}
    assert "other.py: file not found" in refusal(with_code, code=[folder / "other.py"])
    (tmp_path / "x.py").touch()
    assert "in another folder than the first one" in refusal(
        with_code, code=[folder / "shapes.py", tmp_path / "x.py"]
    )


@pytest.mark.slow
def test_class_of_a_script_is_refused_with_what_to_do(tmp_path):
    path, script = tmp_path / "model.joblib", tmp_path / "train.py"
    text = TRAIN.replace("from {module} import Shape", CODE.replace("import marks", "marks = ''"))
    script.write_text(text.replace("marks.count(text)", "0"))
    subprocess.run([sys.executable, str(script), str(path)], check=True)
    assert "needs a class or function of the script or notebook that wrote it" in refusal(path)


def test_module_next_to_the_model_comes_before_one_that_python_finds_elsewhere(
    with_code, tmp_path, monkeypatch
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shapes.py").write_text(CODE.replace("import marks", "marks = ''"))
    monkeypatch.syspath_prepend(str(elsewhere))
    sys.modules.pop("shapes", None)
    assert set(read_model(with_code, None, ()).code.files) == {"shapes.py", "marks.py"}

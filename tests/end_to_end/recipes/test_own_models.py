"""Pipelines and models of users predict the same in memory and at every target."""

import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import joblib
import numpy as np
import pytest
from scipy.special import softmax

from newsgroup_classifier.own_code import find_code, make_importable
from tests.documents import arguments_of, marked_blocks, marked_commands
from tests.scripts.processes import Scripts

PAGE, THIS = "docs/how-to/own-model.md", "tests/end_to_end/recipes/test_own_models.py"
TEXTS = [
    "The printer is broken",
    "Ünbekannt",
    "my INVOICE, my invoice!",
    "日本語 login",
    "log in " * 99,
]
LABELS = ["account", "billing", "returns", "shipping"]  # of docs/tickets.csv
SVM = """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from newsgroup_classifier.hyperparameters import FloatParameter
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.shared_hyperparameters import FOLDS

def build(hyperparameters):
    classifier = LinearSVC(C=hyperparameters["C"])
    return make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), classifier)

RECIPE = ScikitLearnRecipe(
    name="my-svm",
    summary="a linear SVM",
    dataset="",
    hyperparameters=(FloatParameter("C", 1.0, "inverse regularization", above=0.0), FOLDS),
    build=build,
)
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with what a reader of the guide has written and trained."""
    folder = tmp_path_factory.mktemp("own")
    pipeline, training = marked_blocks(PAGE, THIS, "python")
    (folder / "my_model.py").write_text(pipeline, encoding="utf-8")
    (folder / "svm.py").write_text(SVM, encoding="utf-8")
    subprocess.run([sys.executable, "-c", training], cwd=folder, check=True)
    (folder / "texts.json").write_text(json.dumps({"instances": TEXTS}), encoding="utf-8")
    lines = "".join(json.dumps(text) + "\n" for text in TEXTS)
    (folder / "texts.jsonl").write_text(lines, encoding="utf-8")
    return folder


class Commands:
    """Runs command lines whose files are in a folder, and keeps the result of each."""

    def __init__(self, scripts: Scripts, folder: Path) -> None:
        self.scripts, self.folder, self.results = scripts, folder, {}

    def run(self, line: str):
        """Run a command line; return its result."""
        name, *words = arguments_of(line)
        files = [
            re.sub(r"^(?=\w+\.(py|csv|json|jsonl|joblib)\b)", f"{self.folder}/", word)
            for word in words
        ]
        self.results[line] = self.scripts.run(name, *files).result
        return self.results[line]

    def answers(self, model, *targets):
        """Return the predictions for the texts of each target, and of a transform."""
        invoked = [
            self.run(f"invoke {model} --target {target} --file texts.json")["predictions"]
            for target in targets
        ]
        output = self.run(f"transform {model} --input texts.jsonl")["output"]
        (content,) = self.scripts.read_objects(output).values()
        return [*invoked, [json.loads(line) for line in content.splitlines()]]

    def trained(self, uri):
        """Return the steps of a trained pipeline, and its label names."""
        content = io.BytesIO(self.scripts.read_object(uri))
        with tarfile.open(fileobj=content) as tar:
            tar.extractall(self.folder / "artifact", filter="data")
        folder = self.folder / "artifact"
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        parts = [joblib.load(folder / f"{name}.joblib") for name in ("preprocess", "model")]
        return *parts, manifest["label_names"]


@pytest.fixture(scope="module")
def commands(local_aws, own_region, folder):
    """Run the commands of the guide."""
    commands = Commands(Scripts(local_aws, own_region), folder)
    for line in marked_commands(PAGE, THIS):
        commands.run(line)
    return commands


def check(answers, names, expected):
    for predictions in answers:
        rows = [[each["probabilities"][name] for name in names] for each in predictions]
        np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-6)
        labels = [names[place] for place in np.argmax(expected, axis=1)]
        assert [each["label"] for each in predictions] == labels


def test_pipeline_with_a_transformer_of_the_users_predicts_the_same_at_every_target(
    commands, folder
):
    (trained,) = (one for line, one in commands.results.items() if line.startswith("train "))
    assert trained["metrics"]["accuracy"] > 0.8
    make_importable(find_code(folder, ["my_model"]))
    first, last, names = commands.trained(trained["model_artifacts"])
    assert names == LABELS
    expected = last.predict_proba(first.transform(TEXTS))
    check(commands.answers("--recipe my-model --name tickets", "pipeline"), names, expected)
    words = ("--recipe", "my-model", "--name", "tickets", "--target", "lambda")
    error = commands.scripts.run("deploy", *words).error
    assert "Shape is not a vectorizer of texts that Lambda reproduces. Only an endpoint" in error


def test_pipeline_with_a_linear_svm_predicts_the_same_at_every_target_and_in_lambda(commands):
    line = "train --recipe svm.py --name tickets --set C=0.5 --folds 2 --approve"
    trained = commands.run(line)
    assert trained["metrics"]["validation_accuracy"] > 0.8
    commands.run("deploy --recipe my-svm --name tickets")
    commands.run("deploy --recipe my-svm --name tickets --target lambda")
    first, last, names = commands.trained(trained["model_artifacts"])
    assert last.estimator_.C == 0.5
    values = last.estimator_.decision_function(first.transform(TEXTS)) / last.temperature_
    answers = commands.answers("--recipe my-svm --name tickets", "pipeline", "lambda", "api")
    check(answers, names, softmax(values, axis=1))


def test_registered_model_predicts_the_same_at_every_target_and_in_lambda(commands, folder):
    pipeline = joblib.load(folder / "model.joblib")
    expected = softmax(pipeline.decision_function(TEXTS), axis=1)
    answers = commands.answers("--recipe own-model --name tickets", "pipeline", "lambda", "api")
    check(answers, pipeline.classes_.tolist(), expected)

"""Models that users trained predict the same in memory and through every door."""

import json
import subprocess
import sys

import joblib
import numpy as np
import pytest
from scipy.special import softmax

from tests.documents import marked_blocks, marked_commands, result_of, run_commands
from tests.project.sources import ROOT

PAGE, THIS = "docs/how-to/own-model.md", "tests/end_to_end/recipes/test_own_models.py"
TEXTS = [
    "The printer is broken",
    "Ünbekannt",
    "my INVOICE, my invoice!",
    "日本語 login",
    "log in " * 99,
]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with what a reader of the guide has written and trained."""
    folder = tmp_path_factory.mktemp("own")
    (training,) = marked_blocks(PAGE, THIS, "python")
    subprocess.run([sys.executable, "-c", training], cwd=folder, check=True)
    lines = "".join(json.dumps(text) + "\n" for text in TEXTS)
    (folder / "texts.jsonl").write_text(lines, encoding="utf-8")
    (folder / "texts.json").write_text(json.dumps({"instances": TEXTS}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(folder):
    """Run the commands of the guide, and some that compare all doors to the models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        model = "--recipe own-model --name tickets"
        doors = [f"invoke {model} --file texts.json", f"transform {model} --input texts.jsonl"]
        doors.append(f"invoke {model} --target api --file texts.json")
        return run_commands([*marked_commands(PAGE, THIS), *doors], folder=folder)


def check(predictions, pipeline, values):
    names = pipeline.classes_.tolist()
    rows = [[prediction["probabilities"][name] for name in names] for prediction in predictions]
    np.testing.assert_allclose(rows, values, rtol=0, atol=1e-6)
    expected = pipeline.predict(TEXTS).tolist()
    assert [prediction["label"] for prediction in predictions] == expected


def test_registered_model_predicts_the_same_through_every_door(results, folder):
    pipeline = joblib.load(folder / "model.joblib")
    values = softmax(pipeline.decision_function(TEXTS), axis=1)
    for line in ("--file texts.json", "--target api --file texts.json"):
        response = result_of(results, f"invoke --recipe own-model --name tickets {line}")
        check(response["predictions"], pipeline, values)
    transformed = result_of(results, "transform --recipe own-model")
    assert transformed["records"] == len(TEXTS)


def test_one_text_gets_the_same_answer_from_the_endpoint_and_from_the_function(results):
    line = "invoke --recipe own-model --name tickets"
    endpoint = result_of(results, f'{line} "The printer')["predictions"][0]
    function = result_of(results, f"{line} --target lambda")["predictions"][0]
    assert endpoint["label"] == function["label"] == "hardware"
    assert endpoint["probabilities"] == pytest.approx(function["probabilities"], rel=0, abs=1e-9)

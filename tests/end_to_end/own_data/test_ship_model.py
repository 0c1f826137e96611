"""`ship` turns the file of a trained model into an endpoint that answers as the model in memory."""

import json
import shlex

import joblib
import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.account_state import state_of
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import Ended, Scripts

pytestmark = pytest.mark.slow
TEXTS = ["The printer is broken", "my INVOICE, my invoice!", "?", "Gr\u00fc\u00dfe \U0001f4e6"]
NAMES = ["billing", "hardware"]
SELECTION = ("--recipe", "own-model", "--name", "tickets")


@pytest.fixture(scope="module")
def pipeline():
    """Fit a pipeline whose classes are numbers."""
    texts = ["a broken printer", "a wrong invoice", "the printer", "my invoice"]
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [1, 0, 1, 0])


@pytest.fixture(scope="module")
def shipped(local_aws, own_region, pipeline, tmp_path_factory) -> tuple[Scripts, Ended]:
    """Ship the model in a region without a foundation."""
    scripts, path = Scripts(local_aws, own_region), tmp_path_factory.mktemp("m") / "model.joblib"
    joblib.dump(pipeline, path)
    flags = ("--name", "tickets", "--labels", ",".join(NAMES))
    return scripts, scripts.run("ship", str(path), *flags, "--yes")


def test_one_command_takes_every_step_to_an_endpoint(shipped, pipeline):
    _, ended = shipped
    assert KEYS["ship of a model"] <= set(ended.result)
    steps = ended.result["steps"]
    assert list(steps) == ["setup", "register", "approve", "deploy", "invoke"]
    assert steps["approve"]["model_package_arn"] == steps["register"]["model_package_arn"]
    assert steps["register"]["label_names"] == NAMES
    (prediction,) = steps["invoke"]["predictions"]
    label = prediction["label"]
    assert label == NAMES[pipeline.predict(["Two words, and 3 more."])[0]]
    assert f"'Two words, and 3 more.': {label} (" in ended.stderr
    assert "The model has 2 labels, and no metrics: billing, hardware" in ended.stderr
    assert "Next: " not in ended.stderr, "the steps that follow are taken already"


def test_endpoint_answers_as_the_model_in_memory(shipped, pipeline, tmp_path):
    path = tmp_path / "texts.json"
    path.write_text(json.dumps({"instances": TEXTS}), encoding="utf-8")
    predictions = shipped[0].run("invoke", *SELECTION, "--file", str(path)).result["predictions"]
    rows = [[each["probabilities"][name] for name in NAMES] for each in predictions]
    np.testing.assert_allclose(rows, pipeline.predict_proba(TEXTS), rtol=0, atol=1e-6)


def test_commands_to_paste_next_invoke_the_model_and_delete_everything(shipped):
    scripts, ended = shipped
    lines = ended.stderr.split("What you can do next:\n")[1].splitlines()
    commands = [shlex.split(line)[2:] for line in lines if "-m scripts." in line]
    results = {module: scripts.run(module[8:], *words).result for module, *words in commands}
    assert list(results) == ["scripts.invoke", "scripts.transform", "scripts.delete"]
    assert results["scripts.invoke"]["predictions"][0]["label"] in NAMES
    assert results["scripts.transform"]["records"] == 3
    state = state_of(scripts)
    assert not state["endpoints"] and not state["models"] and not state["model_packages"]

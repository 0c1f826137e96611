"""A model file of another release is refused with a reason; others need numpy only."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lambda_handler.topic_forest import Forest, load_forest
from tests.lambda_handler.models.changed_models import (
    check_arrays_are_needed,
    check_entries_are_needed,
    parts_of,
    refusal,
)
from tests.lambda_handler.trained import CASES, SERVED, trained

ROOT = Path(__file__).resolve().parents[3]
FOREST, NGRAMS = ("spooky-topic-forest", "tuned"), ("spooky-ngrams", "")
every_case = pytest.mark.parametrize("case", [FOREST, NGRAMS])


def case_parts(case):
    """Return the manifest and the arrays of a trained model."""
    return parts_of(trained(*case).content)


@pytest.mark.parametrize("case", CASES)
def test_model_has_its_recipe_and_labels(case):
    model = trained(*case).model
    assert model.recipe == case[0] in SERVED
    assert model.label_names == ("EAP", "HPL", "MWS")


@every_case
def test_model_without_an_array_is_refused_with_its_name(case):
    check_arrays_are_needed(*case_parts(case))


@every_case
def test_model_without_a_manifest_entry_is_refused_with_its_name(case):
    check_entries_are_needed(*case_parts(case))


@every_case
@pytest.mark.parametrize("change", [{"format": 3}, {"kind": "pickle"}, {"label_names": None}])
def test_model_with_an_unsupported_manifest_is_refused(case, change):
    manifest, arrays = case_parts(case)
    assert "model" in refusal(manifest | change, arrays)


def chain(depth: int) -> Forest:
    """Return a tree in which every right child has children."""
    thresholds = np.array([*([0.0, np.inf] * depth), np.inf], np.float32)
    children = np.where(thresholds < np.inf, np.arange(2 * depth + 1) + 1, np.arange(2 * depth + 1))
    votes = np.zeros((depth + 1, 2), np.uint8)
    votes[:, 0], votes[-1] = 1, (0, 1)
    arrays = {
        "roots": np.zeros(1, np.uint8),
        "features": np.zeros(len(thresholds), np.uint8),
        "thresholds": thresholds,
        "children": children.astype(np.uint32),
        "leaf_counts": votes,
    }
    return load_forest(arrays)


@pytest.mark.parametrize("depth", [1, 12_000])
def test_tree_of_any_depth_is_traversed_to_its_leaf(depth):
    assert chain(depth).predict_proba(np.array([[1.0], [-1.0]])).tolist() == [[0, 1], [1, 0]]


@every_case
def test_model_needs_only_numpy_and_the_standard_library(case, tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(trained(*case).content)
    program = (
        "import sys, json, pathlib; from lambda_handler.model import load_model\n"
        "model = load_model(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "model.predict_proba(['a text', 'another'])\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    loaded_modules = set(json.loads(run.stdout))
    assert not {"sklearn", "scipy", "nltk", "joblib"} & loaded_modules
    assert "zipfile" not in loaded_modules

"""An invalid model file is refused with a reason, or makes valid predictions."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_handler.topic_forest.forest import Forest, load_forest
from tests.lambda_handler.models.changed_models import (
    check_arrays_are_needed,
    check_entries_are_needed,
    check_modified_number,
    parts_of,
    refusal,
)
from tests.lambda_handler.trained import CASES, SERVED, trained

ROOT = Path(__file__).resolve().parents[3]
FOREST, NGRAMS = ("spooky-topic-forest", "tuned"), ("spooky-ngrams", "")
every_case = pytest.mark.parametrize("case", [FOREST, NGRAMS])
TEXTS = ["Boda kelo rima", "", "x" * 1000]


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
@pytest.mark.parametrize("change", [{"format": 3}, {"kind": "pickle"}, {"label_names": []}])
def test_model_with_an_unsupported_manifest_is_refused(case, change):
    manifest, arrays = case_parts(case)
    assert "model" in refusal(manifest | change, arrays)


def backward_children(arrays):
    children = arrays["children"].copy()
    children[np.flatnonzero(arrays["thresholds"] < np.inf)[-1]] = 0
    return {"children": children}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (backward_children, "do not lead from each node to later ones"),
        (lambda a: {"children": a["children"][:-1]}, "children has"),
        (lambda a: {"features": a["features"] + 3}, "features has values outside 0 to 2"),
        (lambda a: {"roots": a["roots"] + np.uint32(1_000_000)}, "roots has values outside"),
        (lambda a: {"roots": a["roots"][:0]}, "no trees"),
        (lambda a: {"leaf_counts": a["leaf_counts"][:, :2]}, "leaf_counts' rows"),
        (lambda a: {"leaf_counts": a["leaf_counts"] * 0}, "a leaf without votes"),
        (lambda a: {"thresholds": a["thresholds"] * np.nan}, "thresholds has values outside"),
        (lambda a: {"word_topics": a["word_topics"] - 1}, "word_topics has values outside 0 to 1"),
        (lambda a: {"word_topics": a["word_topics"][:0]}, "word_topics is empty"),
        (lambda a: {"form_columns": a["form_columns"][1:]}, "form_columns has"),
        (lambda a: {"word_topics": a["word_topics"][:9]}, "form_columns has values outside"),
        (lambda a: {"forms": a["forms"] | 0x80}, "forms is not UTF-8"),
        (lambda a: {"form_columns": a["form_columns"].astype(float)}, "expected kind u with 1"),
        (lambda a: {"form_columns": a["form_columns"][:, None]}, "with 2 dimensions"),
    ],
)
def test_forest_with_an_invalid_array_is_refused(change, words):
    manifest, arrays = case_parts(FOREST)
    assert words in refusal(manifest, arrays | change(arrays))


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
    return load_forest(arrays, features=1, labels=2)


@pytest.mark.parametrize("depth", [1, 12_000])
def test_tree_of_any_depth_is_traversed_to_its_leaf(depth):
    assert chain(depth).predict_proba(np.array([[1.0], [-1.0]])).tolist() == [[0, 1], [1, 0]]


@every_case
@given(data=st.data())
@settings(max_examples=60)
def test_model_with_any_modified_number_is_refused_or_works(case, data):
    check_modified_number(*case_parts(case), data, TEXTS)


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

"""Training warns of a model that cannot see its texts or is no better than the largest class."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.artifacts import load_manifest
from newsgroup_classifier.channels.texts import (
    TEST_FILE,
    TRAIN_FILE,
    Channel,
    frame_of,
    write_channel,
)
from newsgroup_classifier.evaluation.quality import (
    accuracy_warnings,
    empty_rows,
    pruning_warnings,
    text_warnings,
)
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.scikit_learn.fitting import train

# Six lines or more, with the content in the first five.
SHORT = ("sail the boat\nover the sea\nto the harbor\n\n\n", "eat the fruit\nof the tree\n\n\n\n")
LONG = tuple("\n" * 5 + text for text in SHORT)
# In Japanese, a sentence is one word, so no word of a new sentence is known.
JAPANESE = ("\u8239\u3067\u6d77\u3092\u6e21\u308b", "\u6728\u306e\u5b9f\u3092\u98df\u3079\u308b")
# A recipe with n-grams of characters has features for them.
BLANK = ("\u2800\u2800 \u200b", "\u200b\ufeff")


def prepared(monkeypatch, folder, texts, seen=0, blank=0):
    """Write channels with two labels and the variables of a job.

    `seen` more train texts have words, and `blank` more have no visible character.
    """
    rows = [(f"{texts[n % 2]}{n}", "", "ab"[n % 2], n % 2) for n in range(120)]
    words = [("\n" * 5 + "sail the boat", "", "ab"[n % 2], n % 2) for n in range(seen)]
    blanks = [(BLANK[n % 2], "", "ab"[n % 2], n % 2) for n in range(blank)]
    for name, file, part in (
        ("train", TRAIN_FILE, rows[:80] + words + blanks),
        ("test", TEST_FILE, rows[80:]),
    ):
        (folder / name).mkdir()
        write_channel(frame_of(part), folder / name / file)
        monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", str(folder / name))
    monkeypatch.setenv("SM_MODEL_DIR", str(folder / "model"))
    monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(folder / "output" / "data"))


def trained(folder, recipe, *options):
    """Train; return the warnings, which are the same in the manifest and in the output."""
    assert train_sklearn.main(["--recipe", recipe, *options]) == 0
    file = folder / "output" / "data" / "warnings.json"
    written = json.loads(file.read_text()) if file.exists() else []
    assert list(load_manifest(folder / "model").warnings) == written
    return written


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [[], ["--reading", "stream"], ["--reading", "stream", "--features", "hashed"]]
)
def test_job_on_texts_with_their_content_in_the_first_lines_warns(
    monkeypatch, tmp_path, capsys, options
):
    prepared(monkeypatch, tmp_path, SHORT, seen=2)  # a channel without any word is refused
    first, second = trained(tmp_path, "newsgroups-naive-bayes", *options)
    assert first == (
        "80 of 82 train texts (98%) have no feature, so the model cannot see them. Nothing is left "
        "of them after the recipe's cleaning, which ignores the first 5 lines of a text. Use a "
        "recipe that reads your texts."
    )
    assert second == (
        "the model is not clearly better than always predicting the largest class: its accuracy "
        "is 0.5000, and the largest class makes up 50% of the 40 test texts. Check the labels, "
        "or use another recipe or more data."
    )
    assert f"WARNING: {first}\nWARNING: {second}\n" in capsys.readouterr().out


@pytest.mark.slow
def test_job_on_japanese_comments_warns(monkeypatch, tmp_path):
    prepared(monkeypatch, tmp_path, JAPANESE)
    (warning,) = trained(tmp_path, "comments-mlp", "--max_iter", "20")
    assert warning.startswith(
        "the model is not clearly better than always predicting the largest class"
    )


@pytest.mark.parametrize(
    ("recipe", "options"),
    [
        ("spooky-ngrams", []),
        ("newsgroups-naive-bayes", ["--reading", "stream"]),
        ("newsgroups-naive-bayes", ["--reading", "stream", "--features", "hashed"]),
    ],
)
def test_job_on_texts_without_a_visible_character_warns(monkeypatch, tmp_path, recipe, options):
    prepared(monkeypatch, tmp_path, LONG, blank=20)
    assert trained(tmp_path, recipe, *options) == [
        "20 of 100 train texts (20%) have no visible character. Endpoints and functions refuse "
        "such texts. Check the column data of the train channel."
    ]


def test_job_on_texts_that_the_model_can_tell_apart_has_no_warnings(monkeypatch, tmp_path):
    prepared(monkeypatch, tmp_path, LONG)
    assert trained(tmp_path, "newsgroups-naive-bayes") == []


@pytest.mark.parametrize(("empty", "warns"), [(0, False), (5, False), (6, True), (100, True)])
def test_warning_about_texts_without_a_feature_or_visible_character_begins_above_5_percent(
    empty, warns
):
    assert bool(text_warnings(empty, 0, 100, 1)) == warns
    assert bool(text_warnings(0, empty, 100, 1)) == warns


@pytest.mark.parametrize(
    ("accuracy", "counts", "warns"),
    [
        (0.5, {0: 50, 1: 50}, True),
        (0.55, {0: 50, 1: 50}, True),  # within one standard error, which is 0.05
        (0.56, {0: 50, 1: 50}, False),
        (0.9, {0: 900, 1: 100}, True),
        (0.95, {0: 900, 1: 100}, False),
        (0.2, {0: 900, 1: 100}, True),
        (1.0, {0: 2, 1: 2}, False),
        (1.0, {0: 10}, True),  # a channel with one label shows nothing
    ],
)
def test_accuracy_is_compared_with_the_largest_class(accuracy, counts, warns):
    warnings = accuracy_warnings(accuracy, counts, "images")
    assert bool(warnings) == warns
    assert all("test images" in warning for warning in warnings)


def test_rows_without_a_value_are_counted_in_dense_and_sparse_matrices():
    rows = np.array([[0.0, 1.0], [0.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
    assert empty_rows(rows) == 2
    assert empty_rows(csr_matrix(rows)) == 2


@pytest.mark.parametrize(
    "rows", [["a text"], np.array(["a", "b"]), np.array([["a"], [""]], object)]
)
def test_texts_between_the_steps_of_a_pipeline_are_not_rows_of_features(rows):
    assert empty_rows(rows) is None


def test_texts_are_not_copied_into_an_array_that_repeats_the_longest(traced_memory):
    texts = ["long " * 200_000, *["short"] * 1000]  # 4 GB as an array
    assert empty_rows(texts) is None
    assert traced_memory() < 10_000_000


def test_pipeline_that_passes_texts_on_as_an_array_is_trained():
    build = RECIPES["newsgroups-naive-bayes"].build

    def build_with_array(hyperparameters):
        pipeline = build(hyperparameters)
        return Pipeline([("array", FunctionTransformer(np.array)), *pipeline.steps])

    recipe = replace(RECIPES["newsgroups-naive-bayes"], build=build_with_array)
    channel = Channel([*LONG] * 3, [0, 1] * 3, ("boats", "apples"))
    assert train(recipe, recipe.defaults, channel, channel).metrics["train_rows"] == 6


def test_pruning_that_changes_many_labels_is_a_warning_with_the_size_that_is_needed():
    assert pruning_warnings(9_800, 120_000, 0.05, 10.0, 121.9) == []
    assert pruning_warnings(9_800, 120_000, 0.12, 10.0, 121.9) == [
        "the model keeps 9,800 of 120,000 features in 10 MB, which gives 12% of the train texts "
        "another label. For a better and larger model, pass --set max_mb=122, or merge classes."
    ]

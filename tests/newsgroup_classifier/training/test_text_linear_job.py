"""A job of text-linear: suspects, folds by group, and the same model everywhere."""

import csv
import json

import numpy as np
import pytest

from inference_pipeline import predict, preprocess
from inference_pipeline.content_types import JSON
from lambda_handler.model import load_model
from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.texts import dataset_of
from newsgroup_classifier.evaluation.quality import find_suspects
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.search.folds import group_parameters, groups_of, own_groups
from tests.newsgroup_classifier.conftest import job_variables, write_channels
from tests.newsgroup_classifier.estimators.linear_text.made_texts import make_texts

NAMES = ("defects", "payments")
WRONG = (3, 10, 31)  # rows of the train channel, from 0


def rows_of(texts, labels, wrong=()):
    rows = []
    for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
        name = NAMES[1 - NAMES.index(label)] if number in wrong else label
        rows.append((text, f"customer {number // 2}", name, NAMES.index(name)))
    return rows


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Train on German texts, three of them with a wrong label; return the job's folder."""
    folder = tmp_path_factory.mktemp("job")
    made = make_texts("German", 240)
    train = rows_of(made.train, made.labels, WRONG)
    dataset = dataset_of(train, rows_of(made.test, made.test_labels), "made")
    variables = job_variables(write_channels(dataset, folder / "channels"), folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        argv = ["--recipe", "text-linear", "--grouped", "yes", "--folds", "2"]
        assert train_sklearn.main(argv) == 0
    return folder, made.test


def test_rows_with_a_wrong_label_are_suspects(job):
    folder, _ = job
    with (folder / "output" / "data" / "suspects.csv").open(encoding="utf-8", newline="") as file:
        suspects = list(csv.DictReader(file))
    assert {row + 1 for row in WRONG} <= {int(row["row"]) for row in suspects}
    assert len(suspects) <= 12
    for row in suspects:
        assert row["label"] != row["predicted"]
        assert {row["label"], row["predicted"]} <= set(NAMES)
        assert 0 <= float(row["probability"]) < 0.5


def test_containers_and_the_function_have_the_same_probabilities(job):
    folder, texts = job
    model = folder / "model"
    first, second = preprocess.model_fn(str(model)), predict.model_fn(str(model))
    request = preprocess.input_fn(json.dumps({"instances": texts}), JSON)
    body, content_type = preprocess.output_fn(preprocess.predict_fn(request, first), JSON)
    answers = predict.predict_fn(predict.input_fn(body, content_type), second)
    served = np.array([[each.probabilities[name] for name in NAMES] for each in answers])
    function = load_model((model / artifacts.LAMBDA_MODEL).read_bytes()).predict_proba(texts)
    np.testing.assert_allclose(served, function, rtol=0, atol=1e-6)
    transformed = first.transform(texts)
    memory = second.estimator.predict_proba(transformed)
    np.testing.assert_allclose(served, memory, rtol=0, atol=1e-6)


def test_features_and_values_are_those_before_pruning(job):
    folder, _ = job
    metrics = artifacts.load_manifest(folder / "model").metrics
    assert metrics["train_features"] > 100
    assert metrics["train_non_zeros"] > metrics["train_features"]
    assert metrics["accuracy"] > 0.7
    assert metrics["validation_accuracy"] > 0.7


def test_suspects_are_the_least_probable_labels_and_at_most_a_hundredth():
    rng = np.random.default_rng(0)
    own = rng.uniform(0.2, 0.4, 5000)
    own[:3000] = 0.9
    probabilities = np.stack([own, 1 - own], axis=1)
    suspects = find_suspects([0] * 5000, probabilities, ("a", "b"))
    assert len(suspects) == 50
    assert [each.row - 1 for each in suspects] == np.argsort(own)[:50].tolist()


@pytest.mark.parametrize(("rows", "expected"), [(8, 8), (100, 10), (1500, 15)])
def test_at_least_ten_rows_may_be_suspects(rows, expected):
    unsure = np.tile([0.4, 0.6], (rows, 1))
    assert len(find_suspects([0] * rows, unsure, ("a", "b"))) == expected


def test_all_rows_with_a_sure_other_label_are_suspects_up_to_a_thousand():
    sure = np.tile([0.05, 0.95], (1500, 1))
    assert len(find_suspects([0] * 300 + [1] * 1200, sure, ("a", "b"))) == 300
    assert len(find_suspects([0] * 1500, sure, ("a", "b"))) == 1000
    assert find_suspects([1] * 1500, sure, ("a", "b")) == []


def test_only_grouped_recipes_have_groups_and_only_steps_that_use_them_get_them():
    class Grouping:
        def fit(self, X, y, groups=None):
            """Fit."""

    class Plain:
        def fit(self, X, y):
            """Fit."""

    steps = [("first", Grouping()), ("second", Plain())]
    assert groups_of(["a"], {"grouped": "yes"}) == ["a"]
    assert groups_of(["a"], {"grouped": "no"}) is None
    assert groups_of(["a"], {}) is None
    assert group_parameters(steps, ["a"]) == {"first__groups": ["a"]}
    assert group_parameters(steps, None) == {}
    assert [own_groups(step, ["a"]) for _, step in steps] == [{"groups": ["a"]}, {}]
    assert own_groups(Grouping(), None) == {}

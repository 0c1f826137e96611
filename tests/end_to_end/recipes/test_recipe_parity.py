"""Every scikit-learn recipe says the same of texts in memory, served, and by batch transform."""

import json

import numpy as np
import pytest

from local_aws.testing import LocalAws
from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.end_to_end.posts import load_model, predictions, read_object, read_test_posts
from tests.newsgroup_classifier.datasets.subreddits import SMALL
from tests.scripts.processes import Scripts
from tests.scripts.releases import Release

_TEXTS, _ALONE = 60, 3
_TOLERANCE = 1e-6
# Nothing that a model knows; a letter with an accent in two characters; a line end; one long text.
_ODD = (
    "?!... the of",
    "Cafe\u0301 \u2019til \U0001f680",
    "one\r\ntwo\n\nthree",
    "moon tap " * 3000,
)
# What makes a recipe train in seconds, where its defaults do not.
_SETTINGS: dict[str, dict[str, str]] = {
    "newsgroups-naive-bayes": {},
    "newsgroups-linear": {"epochs": "2"},
    "spooky-topic-forest": {"n_estimators": "20"},
    "spooky-ngrams": {},
    "comments-mlp": {"max_iter": "20"},
    **SMALL,
}


@pytest.fixture(scope="module")
def scripts(local_aws: LocalAws, own_region: str) -> Scripts:
    """Point the scripts at a region of this file's own, with a foundation."""
    found = Scripts(local_aws, own_region)
    assert found.run("setup").code == 0
    return found


def test_every_recipe_of_scikit_learn_is_compared():
    named = {name for name, recipe in RECIPES.items() if recipe.framework == "scikit-learn"}
    assert named == set(_SETTINGS)


def released(scripts, recipe):
    """Return a recipe that was trained on the generated sample and is deployed."""
    named = ("--recipe", recipe)
    settings = [word for item in _SETTINGS[recipe].items() for word in ("--set", "=".join(item))]
    return Release(
        scripts=scripts,
        setup={},
        upload_data=scripts.run("upload_data", *named, "--generated-sample").result,
        train=scripts.run("train", *named, *settings, "--approve").result,
        deploy=scripts.run("deploy", *named).result,
    )


def transformed(release, recipe, texts, folder):
    """Return what a batch transform of a file of texts answers for each."""
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    flags = ("--recipe", recipe, "--input", str(path))
    result = release.scripts.run("transform", *flags).result
    body = read_object(release, f"{result['output']}texts.jsonl.out")
    return [json.loads(line) for line in body.splitlines()]


def check(answers, texts, model):
    """Assert that labels are the model's exactly and probabilities within the tolerance."""
    assert [answer["label"] for answer in answers] == model.labels(texts)
    rows = [[answer["probabilities"][name] for name in model.label_names] for answer in answers]
    assert np.abs(np.array(rows) - model.probabilities(texts)).max() <= _TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("recipe", _SETTINGS)
def test_texts_get_the_same_answer_in_memory_served_and_by_transform(scripts, tmp_path, recipe):
    release = released(scripts, recipe)
    model = load_model(release, tmp_path)
    texts = [post.text for post in read_test_posts(release)][:_TEXTS] + list(_ODD)
    check(predictions(release, json.dumps(texts), "application/json"), texts, model)
    for text in texts[-_ALONE:]:
        check(predictions(release, json.dumps([text]), "application/json"), [text], model)
    check(transformed(release, recipe, texts, tmp_path), texts, model)
    # Its processes would stay beside those of the recipes that follow.
    assert scripts.run("delete", "--recipe", recipe).code == 0

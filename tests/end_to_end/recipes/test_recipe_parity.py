"""Every scikit-learn recipe predicts the same in memory, served, and by batch transform."""

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
# No known word, a letter with a combining accent, line ends, and a long text.
_ODD = (
    "?!... the of",
    "Cafe\u0301 \u2019til \U0001f680",
    "one\r\ntwo\n\nthree",
    "moon tap " * 3000,
)
# Hyperparameters of recipes that would otherwise train for more than a few seconds.
_QUICK: dict[str, dict[str, str]] = {
    "newsgroups-linear": {"max_iter": "2"},
    "spooky-topic-forest": {"n_estimators": "20"},
    "comments-mlp": {"max_iter": "20"},
    **SMALL,
}


@pytest.fixture(scope="module")
def scripts(local_aws: LocalAws, own_region: str) -> Scripts:
    """Point the commands at a region of this file's own, with a foundation."""
    scripts = Scripts(local_aws, own_region)
    assert scripts.run("setup").code == 0
    return scripts


def released(scripts, recipe):
    """Train a recipe on the generated sample, deploy it, and return its release."""
    named = ("--recipe", recipe)
    quick = _QUICK.get(recipe, {})
    overrides = [word for item in quick.items() for word in ("--set", "=".join(item))]
    return Release(
        scripts=scripts,
        setup={},
        upload_data=scripts.run("upload_data", *named, "--generated-sample").result,
        train=scripts.run("train", *named, *overrides, "--approve").result,
        deploy=scripts.run("deploy", *named).result,
    )


def transformed(release, recipe, texts, folder):
    """Return the prediction of a batch transform for each text."""
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    flags = ("--recipe", recipe, "--input", str(path))
    result = release.scripts.run("transform", *flags).result
    body = read_object(release, f"{result['output']}texts.jsonl.out")
    return [json.loads(line) for line in body.splitlines()]


def check(predicted, texts, model):
    """Assert that labels are the model's exactly and probabilities within the tolerance."""
    assert [each["label"] for each in predicted] == model.labels(texts)
    rows = [[each["probabilities"][name] for name in model.label_names] for each in predicted]
    assert np.abs(np.array(rows) - model.probabilities(texts)).max() <= _TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize(
    "recipe", [name for name, each in RECIPES.items() if each.framework == "scikit-learn"]
)
def test_predictions_are_the_same_in_memory_served_and_by_transform(scripts, tmp_path, recipe):
    release = released(scripts, recipe)
    model = load_model(release, tmp_path)
    texts = [post.text for post in read_test_posts(release)][:_TEXTS] + list(_ODD)
    check(predictions(release, json.dumps(texts), "application/json"), texts, model)
    for text in texts[-_ALONE:]:
        check(predictions(release, json.dumps([text]), "application/json"), [text], model)
    check(transformed(release, recipe, texts, tmp_path), texts, model)
    # Otherwise its processes would run next to those of the following recipes.
    assert scripts.run("delete", "--recipe", recipe).code == 0

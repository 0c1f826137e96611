"""Every scikit-learn recipe predicts the same in memory, served, and by batch transform."""

import json

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.data_source import SAMPLE
from tests.end_to_end.posts import check_predictions, load_model, predictions, read_test_posts
from tests.newsgroup_classifier.datasets.subreddits import SMALL
from tests.scripts.releases import make_release

_TEXTS, _ALONE = 60, 3
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


def transformed(release, recipe, texts, folder):
    """Return the prediction of a batch transform for each text."""
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    flags = ("--recipe", recipe, "--input", str(path))
    result = release.scripts.run("transform", *flags).result
    body = release.scripts.read_object(f"{result['output']}texts.jsonl.out")
    return [json.loads(line) for line in body.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "recipe",
    [name for name, each in RECIPES.items() if each.framework == "scikit-learn" and each.dataset],
)
def test_predictions_are_the_same_in_memory_served_and_by_transform(scripts, tmp_path, recipe):
    quick = _QUICK.get(recipe, {})
    overrides = [word for item in quick.items() for word in ("--set", "=".join(item))]
    overrides.append("--no-report")
    release = make_release(scripts, *SAMPLE, recipe=recipe, train=overrides)
    model = load_model(release, tmp_path)
    texts = [post.text for post in read_test_posts(release)][:_TEXTS] + list(_ODD)
    check_predictions(predictions(release, json.dumps(texts), "application/json"), texts, model)
    for text in texts[-_ALONE:]:
        (alone,) = predictions(release, json.dumps([text]), "application/json")
        check_predictions([alone], [text], model)
    check_predictions(transformed(release, recipe, texts, tmp_path), texts, model)
    # Otherwise its processes would run next to those of the following recipes.
    assert scripts.run("delete", "--recipe", recipe).code == 0

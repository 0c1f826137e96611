"""invoke --top and --neighbors become keys of a JSON body, or are refused where nothing answers."""

import argparse
import json

import pytest

from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.endpoints.asked import asked_body, shown


def asked(recipe, body=b"a text", content_type="text/plain", target="pipeline", **counts):
    given = argparse.Namespace(**({"top": None, "neighbors": None, "target": target} | counts))
    return asked_body(RECIPES[recipe], given, body, content_type)


def test_body_without_asks_is_sent_as_it_is():
    assert asked("newsgroups-naive-bayes", b"x", "text/csv") == (b"x", "text/csv")


@pytest.mark.parametrize(
    ("body", "content_type", "texts"),
    [
        (b"a text", "text/plain", ["a text"]),
        (b"one\ntwo\n", "text/csv", ["one", "two"]),
        (b'["one", "two"]', "application/json", ["one", "two"]),
        (b'"one"\n', "application/jsonlines", ["one"]),
    ],
)
def test_texts_of_any_body_get_what_is_asked_for(body, content_type, texts):
    sent, sent_type = asked("subreddits-neighbors", body, content_type, top=3, neighbors=5)
    assert json.loads(sent) == {"instances": texts, "top": 3, "neighbors": 5}
    assert sent_type == "application/json"


@pytest.mark.parametrize(
    ("recipe", "target", "counts", "said"),
    [
        (
            "headlines-fast",
            "pipeline",
            {"top": 3},
            "--top is for endpoints of scikit-learn recipes",
        ),
        ("spooky-ngrams", "lambda", {"top": 3}, "this is spooky-ngrams with --target lambda"),
        ("spooky-ngrams", "api", {"top": 1, "neighbors": 1}, "--top and --neighbors is for"),
        ("subreddits-linear", "pipeline", {"neighbors": 1}, "keeps no posts, so --neighbors has"),
    ],
)
def test_what_nothing_answers_is_refused(recipe, target, counts, said):
    with pytest.raises(DeploymentError) as caught:
        asked(recipe, target=target, **counts)
    assert said in str(caught.value)


def test_body_that_holds_no_text_is_refused_before_it_is_sent():
    with pytest.raises(RequestError, match="item 0 is a number; expected a string"):
        asked("subreddits-linear", b"[1]", "application/json", top=1)


def test_labels_and_posts_are_shown_as_a_table_of_short_lines():
    prediction = {
        "top": [{"label": "DIY", "probability": 0.5}],
        "neighbors": [{"label": "cars", "distance": 0.25, "text": "long\n" * 40}],
    }
    _, label, post = shown(prediction).split("\n")
    assert label == "  DIY   0.5000"
    assert post.startswith("  cars  0.2500  long long ")
    assert post.endswith("...")
    assert len(post) < 100
    assert shown({"label": "a", "probabilities": {"a": 1.0}}) == ""

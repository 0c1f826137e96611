"""Both stages return the same labels and probabilities as the pipeline in memory."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.newsgroups import GROUPS
from newsgroup_classifier.text.cleaning import clean_post
from tests.inference_pipeline.any_body.generated import visible_texts

# Cleaning leaves nothing of these: too few lines, only a header, no letters, only stop words.
WORDLESS = ["one line", "a\nb\nc\nd\ne", "\n\n\n\n\n123 !?", "\n\n\n\n\nthe and of", "x"]


def check(served, texts, predictions):
    """Assert that the predictions are those of the in-memory pipeline."""
    expected = served.pipeline.predict_proba(texts)
    labels = served.pipeline.predict(texts)
    assert len(predictions) == len(texts)
    for prediction, row, label in zip(predictions, expected, labels, strict=True):
        assert prediction["label"] == GROUPS[label]
        assert list(prediction["probabilities"]) == list(GROUPS)
        assert list(prediction["probabilities"].values()) == pytest.approx(row, rel=0, abs=1e-12)
        assert prediction["probability"] == prediction["probabilities"][prediction["label"]]


def test_stages_predict_one_text_as_the_pipeline_in_memory(served):
    post = served.posts[0]
    check(served, [post], served.predictions(post, "text/plain"))


def test_stages_predict_all_texts_as_the_pipeline_in_memory(served):
    body = json.dumps({"instances": served.posts})
    check(served, served.posts, served.predictions(body, "application/json"))


@pytest.mark.parametrize("post", WORDLESS)
@pytest.mark.observes("stages-wordless")
def test_stages_score_a_text_without_words_as_an_empty_row(served, post):
    assert clean_post(post) == ""
    check(served, [post], served.predictions(post, "text/plain"))


def test_stages_keep_the_order_of_texts_with_and_without_words(served):
    texts = [served.posts[0], WORDLESS[0], served.posts[1], WORDLESS[1]]
    check(served, texts, served.predictions(json.dumps(texts), "application/json"))


def test_stages_return_the_prior_for_a_text_without_known_words(served):
    (prediction,) = served.predictions("\n\n\n\n\nxqzt", "text/plain")
    assert list(prediction["probabilities"].values()) == pytest.approx([1 / 20] * 20, abs=1e-12)


def test_stages_predict_a_text_alone_as_in_a_batch(served):
    texts = served.posts[:10]
    together = served.predictions(json.dumps(texts), "application/json")
    alone = [served.predictions(text, "text/plain")[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one["label"] == other["label"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], rel=0, abs=1e-12)


@given(st.lists(visible_texts, min_size=1, max_size=5))
@settings(max_examples=50)
def test_stages_predict_any_texts_as_the_pipeline_in_memory(served, texts):
    posts = [f"\n\n\n\n\n{text}" for text in texts]
    check(served, posts, served.predictions(json.dumps(posts), "application/json"))


def test_stages_return_probabilities_that_sum_to_one(served):
    for prediction in served.predictions(json.dumps(served.posts), "application/json"):
        values = prediction["probabilities"].values()
        assert sum(values) == pytest.approx(1)
        assert prediction["probability"] == max(values)


def test_weights_are_loaded_by_column_with_unchanged_values(served):
    saved = served.pipeline[-1].feature_log_prob_
    loaded = served.classifier.estimator.feature_log_prob_
    assert loaded.T.flags.c_contiguous  # otherwise scipy copies them for each request
    assert (loaded == saved).all()

"""Vectorizers and linear classifiers of scikit-learn predict the same in the Lambda function."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.utils import murmurhash3_32

from lambda_handler.vectorizers import murmur3
from tests.lambda_handler.vectorizers.small_pipelines import (
    CLASSIFIERS,
    VECTORIZERS,
    WORDS,
    corpus,
    fitted,
    lambda_model,
)


def check(pipeline, model, texts):
    expected, actual = pipeline.predict_proba(texts), model.predict_proba(texts)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9)


SEEN = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=12).map(" ".join)
NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
@given(texts=st.lists(st.one_of(SEEN, NO_SURROGATES), min_size=1, max_size=4))
@settings(max_examples=15)
def test_features_of_any_text_agree_with_scikit_learn(vectorizer, texts):
    check(*fitted(vectorizer, "logistic regression", 3), texts)


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_probabilities_of_a_classifier_agree_with_scikit_learn(classifier, labels):
    texts, _ = corpus(labels)
    check(*fitted("counted words", classifier, labels), [*texts, "", "unknown", "a " * 999])


def test_a_transformer_after_the_vectorizer_is_part_of_its_block():
    texts, labels = corpus(3)
    pipeline = make_pipeline(CountVectorizer(), TfidfTransformer(), MultinomialNB())
    check(pipeline.fit(texts, labels), lambda_model(pipeline, 3), texts)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_steps_that_pass_through_change_nothing(steps):
    texts, labels = corpus(3)
    parts = [*["passthrough"] * (steps - 1), CountVectorizer(), "passthrough", TfidfTransformer()]
    nested = make_pipeline(*parts, None)
    pipeline = make_pipeline("passthrough", nested, "passthrough", MultinomialNB())
    check(pipeline.fit(texts, labels), lambda_model(pipeline, 3), texts)


def test_columns_follow_the_label_names_where_the_classes_are_names_in_another_order():
    texts, labels = corpus(3)
    names = np.array(["label 2", "label 0", "label 1"])
    pipeline = make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, names[labels])
    expected = pipeline.predict_proba(texts)[:, np.argsort(np.argsort(pipeline.classes_))]
    actual = lambda_model(pipeline, 3).predict_proba(texts)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9)


@given(st.binary(max_size=40))
def test_hash_agrees_with_scikit_learn(data):
    assert murmur3(data) == murmurhash3_32(data)

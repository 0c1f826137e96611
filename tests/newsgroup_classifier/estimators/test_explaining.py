"""Linear pipelines are explained exactly, and others by what the removal of a word changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from newsgroup_classifier.datasets.newsgroups import generate_newsgroups
from newsgroup_classifier.datasets.spooky import generate_spooky
from newsgroup_classifier.estimators.decision_probabilities import DecisionProbabilities
from newsgroup_classifier.estimators.explaining import explain_texts, measure_of
from newsgroup_classifier.estimators.linear_text.classifier import LinearText
from newsgroup_classifier.explanations.words import MOST_WORDS, find_words
from newsgroup_classifier.hashed_text.model import AS_THEY_ARE
from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.newsgroup_classifier.estimators.linear_text.made_texts import LANGUAGES, make_texts

EVERY = 10**6  # more words than any text has
# Pieces of text, any of which next to each other have a word within three characters.
PIECES = [
    "a",
    "aA b",
    "İß",
    "Σς\u0130 ",
    "\u4eba",
    "😀 ",
    "don't ",
    "b.a",
    "a\n",
    "b: ",
    ">a",
    "e\u0301 ",
]
SPOOKY, NEWS = generate_spooky(), generate_newsgroups()
UNION = FeatureUnion(
    [
        ("words", TfidfVectorizer(ngram_range=(1, 3), strip_accents="unicode")),
        ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)),
        ("all", CountVectorizer(analyzer="char", ngram_range=(1, 3), binary=True)),
    ],
    transformer_weights={"words": 2.0},
)
PIPELINES = {
    "union": (UNION, LogisticRegression()),
    "margins": (TfidfVectorizer(), DecisionProbabilities(LinearSVC())),
    "hashes": (HashingVectorizer(n_features=64), SGDClassifier(loss="log_loss")),
    "bayes": (FunctionTransformer(list), CountVectorizer(), TfidfTransformer(), ComplementNB()),
}
LINEAR = [
    "newsgroups-naive-bayes", "newsgroups-linear", "spooky-ngrams", "text-linear",
    "subreddits-linear", pytest.param("newsgroups-text", marks=pytest.mark.slow),
]  # fmt: skip


def fitted(name):
    """Return a fitted pipeline, and texts that it was not fitted on."""
    if name in PIPELINES:
        data, pipeline = SPOOKY, make_pipeline(*PIPELINES[name])
    else:
        recipe = RECIPES[name]
        data = NEWS if recipe.dataset == "20newsgroups" else SPOOKY
        pipeline = recipe.build(recipe.defaults)
    pipeline.fit(list(data.train["data"]), list(data.train["label"]))
    texts = [text.replace("'", "") for text in list(data.test["data"])[:5]]
    assert max(len(find_words(text)) for text in texts) <= MOST_WORDS
    return pipeline, [*texts, "xqzt !?", "a a b a a. a b", "the\U0001f600moon\u4eba\u5de5raven"]


@pytest.fixture(scope="module", params=[*LINEAR, *PIPELINES])
def linear(request):
    return fitted(request.param)


def uncovered(pipeline, text, label):
    """Return what n-grams of marks and spaces alone add to the value of a label."""
    if type(pipeline[0]) is not FeatureUnion:
        return 0.0  # there are none
    names = [name.partition("__")[2] for name in pipeline[0].get_feature_names_out()]
    bare = [not any(map(str.isalnum, name)) for name in names]
    weights = pipeline[-1].coef_[label] - pipeline[-1].coef_.mean(axis=0)
    return float(pipeline[0].transform([text]).toarray()[0] * bare @ weights)


def check_sums(pipeline, texts):
    """Assert that values have the labels' probabilities, and that words take their n-grams."""
    if type(pipeline[0]) is LinearText:  # words with nothing between them
        texts = ["".join(text[slice(*span)] for span in find_words(text)) for text in texts]
    probabilities = pipeline.predict_proba(texts)
    columns = probabilities.argmax(axis=1)
    for text, row, column in zip(texts, probabilities, columns, strict=True):
        every = [explain_texts(pipeline, [text], [label], EVERY)[0] for label in range(len(row))]
        explanation = every[column]
        assert explanation.measure == "decision"
        words = explanation.words
        assert explanation.rest == pytest.approx(uncovered(pipeline, text, column), rel=0, abs=1e-6)
        assert all(text[word.start : word.end] == word.text for word in words)
        if type(pipeline[-1]) is not SGDClassifier:  # a softmax of the values
            sharpness = getattr(pipeline[-1], "sharpness_", AS_THEY_ARE)
            values = sharpness.probabilities(np.array([[each.value for each in every]]))[0]
            assert values == pytest.approx(row, rel=0, abs=1e-6)
        (some,) = explain_texts(pipeline, [text], [column], 3)
        assert [word.text for word in some.words] == [word.text for word in words[:3]]


def test_contributions_of_a_linear_pipeline_add_up_to_its_decision_value(linear):
    check_sums(*linear)


@pytest.mark.parametrize("name", ["newsgroups-linear", "text-linear", "union"])
def test_words_without_a_known_ngram_contribute_nothing(name):
    pipeline, _ = fitted(name)
    (explanation,) = explain_texts(pipeline, ["\n\n\n\n\n\n\u4eba\u5de5"], [0], 5)
    assert [word.contribution for word in explanation.words] == [0, 0]
    assert explanation.value == pytest.approx(explanation.base + explanation.rest)


@pytest.mark.parametrize("name", ["newsgroups-naive-bayes", "text-linear"])
def test_words_alone_explain_a_model_of_words_alone(name):
    recipe = RECIPES[name]
    pipeline = recipe.build({**recipe.defaults, "case": "lower", "character_min_df": 1000})
    pipeline.fit(list(NEWS.train["data"]), list(NEWS.train["label"]))
    text = next(iter(NEWS.test["data"]))
    (explanation,) = explain_texts(pipeline, [text], [0], EVERY)
    assert explanation.rest == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_contributions_in_any_language_add_up(language):
    made = make_texts(language)
    recipe = RECIPES["text-linear"]
    pipeline = recipe.build(recipe.defaults).fit(made.train, made.labels)
    check_sums(pipeline, list(made.test)[:3])


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
)
@settings(max_examples=150)
def test_words_of_any_text_take_all_that_their_ngrams_have(posts, subject, body):
    text = f"Subject: {subject}\n\n{body}"
    (explanation,) = explain_texts(posts, [text], [0], EVERY)
    assert len(explanation.words) == len(find_words(text))
    assert explanation.rest == pytest.approx(0, abs=1e-6)


@pytest.fixture(scope="module")
def posts():
    recipe = RECIPES["newsgroups-text"]
    pipeline = recipe.build(recipe.defaults)
    return pipeline.fit(list(NEWS.train["data"]), list(NEWS.train["label"]))


@pytest.mark.parametrize("classifier", [KNeighborsClassifier(3), BernoulliNB()])
def test_removal_of_the_top_word_changes_the_probability_by_its_contribution(classifier):
    pipeline = make_pipeline(TfidfVectorizer(), classifier)
    pipeline.fit(list(SPOOKY.train["data"]), list(SPOOKY.train["label"]))
    assert measure_of(pipeline) == "probability"
    text = next(iter(SPOOKY.test["data"]))
    before = pipeline.predict_proba([text])[0]
    (explanation,) = explain_texts(pipeline, [text], [before.argmax()], 1)
    top = explanation.words[0]
    after = pipeline.predict_proba([text[: top.start] + text[top.end :]])[0]
    assert explanation.value == pytest.approx(before.max(), abs=1e-9)
    change = before.max() - after[before.argmax()]
    assert top.contribution == pytest.approx(change, abs=1e-9)

"""The pipelines that recipes build, before and after training."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer

from newsgroup_classifier.datasets.newsgroups import generate_newsgroups
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.text.cleaning import clean_post, words

HEADER = "From: a\nSubject: b\nOrganization: c\nLines: 1\n\n"
TINY = [
    HEADER + text
    for text in ("rocket orbit moon", "orbit launch", "goal puck ice", "skate goal", "!")
]
TINY_LABELS = [0, 0, 1, 1, 1]

# Hyperparameters that learn from four words and are fast: few trees and dimensions, the solver for
# few rows, and leaves and neighborhoods of one post.
SMALL = {
    "n_estimators": 20,
    "min_samples_leaf": 1,
    "min_child_weight": 0.0,
    "min_df": 1,
    "n_components": 4,
    "solver": "lbfgs",
    "n_neighbors": 1,
}
PIPELINES = [recipe for recipe in RECIPES.values() if recipe.framework == "scikit-learn"]
NEWSGROUPS = [recipe for recipe in RECIPES.values() if recipe.dataset == "20newsgroups"]


def built(recipe):
    return recipe.build({name: SMALL.get(name, value) for name, value in recipe.defaults.items()})


@pytest.fixture(params=PIPELINES, ids=[recipe.name for recipe in PIPELINES])
def pipeline(request):
    """Build each recipe's pipeline, with its default hyperparameters or small ones."""
    return built(request.param)


@pytest.fixture(scope="module", params=NEWSGROUPS, ids=[recipe.name for recipe in NEWSGROUPS])
def trained(request, sample):
    """Train the pipeline of each recipe for posts on the sample."""
    return built(request.param).fit(list(sample.train["data"]), list(sample.train["label"]))


@given(st.text())
@settings(max_examples=200)
def test_words_of_any_cleaned_text_equal_the_default_token_pattern(text):
    cleaned = clean_post("\n" * 5 + text)
    assert words(cleaned) == TfidfVectorizer().build_analyzer()(cleaned)


def test_pipeline_cloned_keeps_its_parameters(pipeline):
    copy = clone(pipeline)
    assert [(name, repr(step)) for name, step in copy.steps] == [
        (name, repr(step)) for name, step in pipeline.steps
    ]


def test_pipeline_before_training_refuses_to_predict(pipeline):
    with pytest.raises(NotFittedError):
        pipeline.predict(TINY)


def test_pipeline_on_a_tiny_corpus_overfits_it(pipeline):
    assert pipeline.fit(TINY, TINY_LABELS).predict(TINY).tolist() == TINY_LABELS


def test_pipeline_trained_gives_a_probability_for_each_post_and_label(pipeline):
    probabilities = pipeline.fit(TINY, TINY_LABELS).predict_proba(TINY)
    assert probabilities.shape == (5, 2)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_pipeline_trained_twice_gives_the_same_probabilities(pipeline):
    first, second = (clone(pipeline).fit(TINY, TINY_LABELS) for _ in range(2))
    assert (first.predict_proba(TINY) == second.predict_proba(TINY)).all()


def test_pipeline_with_more_smoothing_is_less_certain():
    recipe = RECIPES["newsgroups-naive-bayes"]
    sharp, smooth = (
        recipe.build(recipe.defaults | {"alpha": alpha})
        .fit(TINY, TINY_LABELS)
        .predict_proba(TINY[:1])[0, 0]
        for alpha in (0.01, 10.0)
    )
    assert sharp > smooth


def test_pipeline_does_not_change_the_training_texts(pipeline):
    texts = list(TINY)
    pipeline.fit(texts, TINY_LABELS)
    assert texts == TINY


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda body: re.sub(r"[.]", " !? ", body),
        lambda body: body + "\n--\n123 456",
        lambda body: body.replace(" ", "  \t"),
        lambda body: body + " the and of",
    ],
    ids=["case", "punctuation", "numbers", "spaces", "stop words"],
)
def test_trained_pipeline_ignores_what_cleaning_removes(trained, sample, change):
    posts = list(sample.test["data"][:20])
    parts = [post.split("\n", 5) for post in posts]
    changed = ["\n".join([*header, change(body)]) for *header, body in parts]
    expected = trained.predict_proba(posts)
    np.testing.assert_allclose(trained.predict_proba(changed), expected, rtol=0, atol=1e-12)


def test_trained_pipeline_ignores_the_header(trained, sample):
    post = sample.test["data"][0]
    other = "\n".join(["another header"] * 5 + post.split("\n")[5:])
    assert (trained.predict_proba([other]) == trained.predict_proba([post])).all()


def test_trained_pipeline_scores_a_post_the_same_alone_and_among_others(trained, sample):
    posts = list(sample.test["data"][:5])
    alone = np.vstack([trained.predict_proba([post]) for post in posts])
    np.testing.assert_allclose(alone, trained.predict_proba(posts), rtol=0, atol=1e-12)


def test_trained_pipeline_moves_toward_a_class_with_one_of_its_words():
    pipeline = built(RECIPES["newsgroups-naive-bayes"]).fit(TINY, TINY_LABELS)
    before, after = pipeline.predict_proba([HEADER + "ice", HEADER + "ice orbit"])[:, 0]
    assert after > before


def test_trained_pipeline_on_generated_posts_reaches_the_minimum_accuracy(trained, sample):
    assert trained.score(list(sample.test["data"]), list(sample.test["label"])) > 0.8


def test_trained_pipeline_on_posts_of_another_seed_guesses(trained):
    other = generate_newsgroups(seed=1).test
    assert trained.score(list(other["data"]), list(other["label"])) < 0.3

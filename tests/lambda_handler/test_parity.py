"""The handler's model makes the same predictions as scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import _online_lda_fast

from lambda_handler.model import load_model
from lambda_handler.topic_forest import Topics, count_items, digamma, plain_digamma
from newsgroup_classifier.datasets.spooky import generate_spooky
from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.lambda_handler.trained import CASES, trained
from tests.newsgroup_classifier.estimators.linear_text.made_texts import LANGUAGES, make_texts

WORDS = sorted({word for text in generate_spooky().train["data"] for word in text.split()})
every_case = pytest.mark.parametrize(("recipe", "preset"), CASES)


def check(recipe, preset, texts):
    """Assert that both return the same labels, and the same probabilities to 1e-9."""
    both = trained(recipe, preset)
    expected = both.pipeline.predict_proba(texts)
    actual = both.model.predict_proba(texts)
    assert actual.shape == expected.shape
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9)
    assert (actual.argmax(axis=1) == both.pipeline.predict(texts)).all()


@every_case
def test_predictions_for_sentences_agree_with_scikit_learn(recipe, preset):
    check(recipe, preset, list(generate_spooky().test["data"]))


@every_case
def test_predictions_for_a_single_sentence_agree_with_scikit_learn(recipe, preset):
    for text in generate_spooky().test["data"][:10]:
        check(recipe, preset, [text])


@every_case
@pytest.mark.parametrize("text", ["", " ", "...", "xqzt", "\ud800", "\x00", "É" * 50, "ab\n\ncd"])
def test_predictions_for_a_text_without_known_words_agree_with_scikit_learn(recipe, preset, text):
    known = generate_spooky().test["data"][0]
    check(recipe, preset, [text])
    check(recipe, preset, [text, known, text])


@every_case
def test_predictions_for_texts_of_ten_thousand_words_agree_with_scikit_learn(recipe, preset):
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, 10_000)) for _ in range(3)]
    check(recipe, preset, [*texts, "a", *generate_spooky().test["data"][:5]])


@every_case
@settings(max_examples=50)
@given(texts=st.lists(st.text(), min_size=1, max_size=5))
def test_predictions_for_any_text_agree_with_scikit_learn(recipe, preset, texts):
    check(recipe, preset, texts)


@every_case
@settings(max_examples=50)
@given(
    texts=st.lists(
        st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=40).map(" ".join),
        min_size=1,
        max_size=5,
    )
)
def test_predictions_for_any_mixture_of_known_words_agree_with_scikit_learn(recipe, preset, texts):
    check(recipe, preset, texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_predictions_in_any_language_agree_with_scikit_learn(language):
    made = make_texts(language)
    recipe = RECIPES["text-linear"]
    pipeline = recipe.build(recipe.defaults).fit(made.train, made.labels)
    about = {"recipe": recipe.name, "label_names": sorted(set(made.labels)), "versions": {}}
    actual = load_model(recipe.export(pipeline, about)).predict_proba(made.test)
    np.testing.assert_allclose(actual, pipeline.predict_proba(made.test), rtol=0, atol=1e-9)


@every_case
def test_predictions_for_no_texts_have_no_rows(recipe, preset):
    assert trained(recipe, preset).model.predict_proba([]).shape == (0, 3)


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=20))
def test_digamma_agrees_with_scikit_learn(numbers):
    row = np.array([numbers])
    ours = digamma(row) - digamma(row.sum(axis=1, keepdims=True))
    theirs = _online_lda_fast._dirichlet_expectation_2d(row)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-12)
    plain = [plain_digamma(number) - plain_digamma(float(row.sum())) for number in numbers]
    np.testing.assert_allclose([plain], theirs, rtol=1e-13, atol=1e-12)


@given(numbers=st.lists(st.integers(1, 50), min_size=1, max_size=20), data=st.data())
def test_shares_of_a_text_are_the_same_alone_and_in_a_group(numbers, data):
    topics = data.draw(st.integers(1, 20), "topics")
    rng = np.random.default_rng(topics)
    words = rng.random((len(numbers), topics))
    model = Topics(words, prior=0.1, max_updates=100, tolerance=1e-3)
    row = [column for column, number in enumerate(numbers) for _ in range(number)]
    (alone,), (first, second) = (
        model.shares(count_items([row])),
        model.shares(count_items([row, row])),
    )
    np.testing.assert_allclose(alone, first, rtol=0, atol=1e-12)
    np.testing.assert_allclose(alone, second, rtol=0, atol=1e-12)

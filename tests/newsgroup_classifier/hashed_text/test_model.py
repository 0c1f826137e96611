"""A model on hashed n-grams scores as a matrix product would, in any company."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, hstack
from scipy.special import softmax

from newsgroup_classifier.hashed_text.blocks import CHARACTERS, PIECES, WORDS, Block
from newsgroup_classifier.hashed_text.model import fold, make_key_table, unicode_difference
from newsgroup_classifier.hashed_text.vocabulary import find_places, learn

TEXTS = ["Der Regen fällt.", "東京は雨です", "the rain", "مطر", "🙂 🙂 rain!", "", "the the the"]


@pytest.fixture(scope="module")
def model():
    blocks = (Block(WORDS, 1, 2, k1=1.2, b=0.5), Block(PIECES, 3, 5), Block(CHARACTERS, 1, 3))
    vocabularies = [learn(block, TEXTS)[0] for block in blocks]
    features = sum(len(vocabulary.keys) for vocabulary in vocabularies)
    weights = np.random.default_rng(0).normal(size=(features, 3))
    weights[5] = 0
    return fold(vocabularies, weights, np.array([0.1, 0, -0.2])), weights


def rows_of(vocabularies, texts):
    parts = [(vocabulary, vocabulary.weigh(texts)) for vocabulary in vocabularies]
    return hstack(
        [
            csr_array((rows.data, rows.indices, rows.indptr), shape=(len(texts), len(each.keys)))
            for each, rows in parts
        ]
    ).tocsr()


def test_scores_are_the_product_of_the_rows_and_the_weights(model):
    folded, weights = model
    texts = [*TEXTS, "rain in Tokyo", " \n"]
    rows = rows_of(folded.vocabularies, texts)
    rounded = folded.weights * folded.scales[:, np.newaxis].astype(float)
    assert np.abs(rounded - weights).max() <= np.abs(weights).max() / 253
    expected = rows.astype(float) @ rounded + folded.intercepts
    np.testing.assert_allclose(folded.score(texts), expected, atol=1e-9)
    np.testing.assert_allclose(folded.predict_proba(texts), softmax(expected, axis=1), atol=1e-9)


def test_text_scores_alike_alone_and_among_others(model):
    together = model[0].predict_proba(TEXTS)
    alone = np.concatenate([model[0].predict_proba([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)
    assert model[0].predict_proba([]).shape == (0, 3)


def test_text_without_a_word_gets_the_intercepts_of_a_model_of_words():
    vocabulary, _ = learn(Block(WORDS), TEXTS)
    intercepts = np.array([0.5, -0.5])
    folded = fold([vocabulary], np.ones((len(vocabulary.keys), 2)), intercepts)
    np.testing.assert_array_equal(folded.score(["?!"]), [intercepts])


def test_pickled_model_scores_alike(model):
    again = pickle.loads(pickle.dumps(model[0]))  # noqa: S301
    np.testing.assert_array_equal(again.score(TEXTS), model[0].score(TEXTS))


def test_other_version_of_unicode_is_named():
    import unicodedata

    assert unicode_difference(unicodedata.unidata_version) == ""
    assert "Unicode 1.1" in unicode_difference("1.1")


LARGEST = 2**64 - 1
# Keys in few rows of the table, and keys anywhere.
KEYS = st.one_of(st.integers(0, 40), st.integers(LARGEST - 40, LARGEST), st.integers(0, LARGEST))


@given(known=st.sets(KEYS, max_size=60), others=st.lists(KEYS, max_size=60))
def test_table_finds_keys_where_a_binary_search_does(known, others):
    keys = np.array(sorted(known), np.uint64)
    wanted = np.array([*known, *others], np.uint64)
    places = make_key_table(keys).find(wanted)
    np.testing.assert_array_equal(places, find_places(keys, wanted))

"""Hashed n-grams are those of scikit-learn's TfidfVectorizer, for any texts."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from newsgroup_classifier.hashed_text.blocks import CHARACTERS, MARKS, PIECES, TOKENS, WORDS, Block
from newsgroup_classifier.hashed_text.grams import hash_characters, hash_tokens, windows
from newsgroup_classifier.hashed_text.vocabulary import Rows, learn

PATTERNS = {WORDS: r"(?u)\w+", MARKS: r"(?u)\w+|[^\w\s]", TOKENS: r"(?u)[\w.@+-]*\w"}
ANALYZERS = {PIECES: "char_wb", CHARACTERS: "char"}
BLOCKS = [
    Block(WORDS, 1, 2),
    Block(WORDS, 1, 2, min_df=2),
    Block(WORDS, 2, 3, lower=False),
    Block(MARKS, 1, 2, lower=False),
    Block(TOKENS, 1, 1),
    Block(PIECES, 3, 5),
    Block(PIECES, 3, 5, min_df=2),
    Block(PIECES, 1, 4, lower=False),
    Block(CHARACTERS, 1, 5, lower=False),
    Block(CHARACTERS, 2, 3, min_df=2),
]
SPACES = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2003\u2028\u2029\u3000\u200b\ufeff"
SIGNS = (
    "aAbBzZ09_.@+-,;:!?'\"ßİıſΣσςéÉ\u0301\u0308\u00ad日本語テスト한국어مرحבשלםहिन्दीЖж"
    "🙂👩\u200d👩\U0001f3fd🇩🇪\ud800\udfff\x00٣²Ⅷ½"
)
characters = st.one_of(
    st.sampled_from("aab ccd  e"), st.sampled_from(SIGNS), st.sampled_from(SPACES), st.characters()
)
texts_of_any_kind = st.lists(
    st.one_of(st.text(characters, max_size=40), st.text("ab A", max_size=60)), max_size=6
)


def vectorizer_of(block):
    analyzer = ANALYZERS.get(block.kind, "word")
    return TfidfVectorizer(
        lowercase=block.lower,
        analyzer=analyzer,
        token_pattern=PATTERNS.get(block.kind),
        ngram_range=(block.lowest, block.highest),
        min_df=block.min_df,
        sublinear_tf=True,
    )


def matrix(rows, vocabulary):
    shape = (len(rows.indptr) - 1, len(vocabulary.keys))
    return csr_array((rows.data, rows.indices, rows.indptr), shape=shape)


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours.toarray(), theirs.toarray(), rtol=0, atol=1e-6)


def key_of(block, term):
    """Return the key of a feature of scikit-learn's."""
    symbols = hash_tokens(term.split(" ")) if block.tokenize else hash_characters(term)
    keys = list(windows(symbols, None, (0, len(symbols)), 1, len(symbols)))
    return keys[-1][0]


def in_our_order(block, vectorizer):
    """Return the keys of scikit-learn's features, sorted, and the order that sorts them."""
    keys = np.array([key_of(block, term) for term in vectorizer.get_feature_names_out()])
    order = np.argsort(keys)
    return keys[order], order


def rows_equal(ours: Rows, theirs: Rows) -> None:
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), strict=True)


@pytest.mark.parametrize("kind", PATTERNS)
@given(
    st.one_of(
        st.text(st.characters(codec="ascii")),
        st.text("aZ_9.@+- \t\x1c"),
        texts_of_any_kind.map("".join),
    )
)
@settings(max_examples=300)
def test_tokens_are_those_of_the_pattern(kind, text):
    assert Block(kind).tokenize(text) == re.findall(PATTERNS[kind], text)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
@given(texts=texts_of_any_kind, others=texts_of_any_kind)
@settings(max_examples=60)
def test_rows_are_those_of_tfidf_vectorizer_and_of_each_text_alone(block, texts, others):
    vocabulary, rows = learn(block, texts)
    try:
        vectorizer = vectorizer_of(block)
        expected = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn refuses to learn nothing
        assert len(vocabulary.keys) == 0
        return
    keys, order = in_our_order(block, vectorizer)
    np.testing.assert_array_equal(vocabulary.keys, keys)
    assert_close(matrix(rows, vocabulary), expected[:, order])
    unseen = vocabulary.weigh(others)
    if others:
        assert_close(matrix(unseen, vocabulary), vectorizer.transform(others)[:, order])
    alone = [vocabulary.weigh([text]) for text in others]
    for number, own in enumerate(alone):
        start, end = unseen.indptr[number : number + 2]
        rows_equal(
            own, Rows(unseen.data[start:end], unseen.indices[start:end], np.array([0, end - start]))
        )
    rows_equal(vocabulary.weigh(texts), rows)

"""The Snowball stemmer of the encoders agrees with NLTK's."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.reddit_comments import load_reddit_comments
from newsgroup_classifier.text.stemming import make_porter_stemmer, make_snowball_stemmer
from newsgroup_classifier.text.word_splitting import split_words
from tests.newsgroup_classifier.conftest import data_folder

# NLTK 3.10 is a port of Snowball's English stemmer; it stems these words differently.
NLTK_STEMS = {"irrationally": "irrate", "realization": "realize"}


def nltk_stemmer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nltk.stem.snowball import SnowballStemmer
    return SnowballStemmer("english").stem


def differing(words):
    ours, theirs = make_snowball_stemmer(), nltk_stemmer()
    return {word: theirs(word) for word in words if ours(word) != theirs(word)}


@pytest.mark.parametrize("name", ["uci-news", "reddit-comments"])
def test_stemmer_of_generated_words_agrees_with_nltk(name):
    texts = generate_dataset(name).train["data"]
    assert not differing({word for text in texts for word in split_words(text)})


def test_stemmer_of_all_words_in_the_comments_agrees_with_nltk_except_for_its_two_errors():
    dataset = load_reddit_comments(data_folder())
    texts = [*dataset.train["data"], *dataset.test["data"]]
    words = {word for text in texts for word in split_words(text)}
    assert len(words) > 16_000
    assert differing(words) == NLTK_STEMS


@given(st.text("abcdeilnostuy'\u2019", min_size=1))
def test_stemmer_of_the_same_word_returns_the_same_stem(word):
    stem = make_snowball_stemmer()
    assert stem(word) == stem(word)


@pytest.mark.parametrize("make", [make_snowball_stemmer, make_porter_stemmer])
def test_word_of_more_than_1000_characters_is_its_own_stem(make):
    stem, word = make(), "xyz" * 331 + "running"
    assert stem(word) == word.removesuffix("ning")
    assert stem("x" + word) == "x" + word

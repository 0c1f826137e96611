"""Comments are normalized as in the tutorial, and both stemmers agree with NLTK's."""

import unicodedata
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.reddit_comments import generate_comments, load_reddit_comments
from newsgroup_classifier.text.cleaning import stop_words
from newsgroup_classifier.text.stemming import (
    drop_punctuation,
    make_porter_stemmer,
    make_snowball_stemmer,
    normalize,
    normalize_texts,
    stem_words,
)
from newsgroup_classifier.text.word_splitting import split_words
from tests.newsgroup_classifier.conftest import data_folder


def words_of(dataset):
    texts = [*dataset.train["data"], *dataset.test["data"]]
    return {word for text in texts for word in drop_punctuation(text.lower()).split()}


def nltk_stems(words, mode):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nltk.stem import PorterStemmer
    stemmer = PorterStemmer(getattr(PorterStemmer, mode))
    return {word: stemmer.stem(word) for word in words}


def differing(words, mode):
    """Return the words that a mode of NLTK's stemmer stems differently."""
    stem = make_porter_stemmer()
    return {word: other for word, other in nltk_stems(words, mode).items() if stem(word) != other}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The SERVERS are crashing again!!", "server crash"),
        ("«Ordinateurs» — “quoted” … don\u2019t", "ordinateur quot dont"),
        ("a\tb\n  c", "b c"),
        ("", ""),
        ("?!? the of", ""),
        ("C++ costs $5 + 3^2", "c++ cost $5 + 3^2"),
    ],
)
def test_normalize_returns_stems_without_case_punctuation_or_stop_words(text, expected):
    assert normalize(text) == expected


@given(st.text())
def test_drop_punctuation_of_any_text_removes_nothing_else(text):
    assert drop_punctuation(text) == "".join(
        letter for letter in text if not unicodedata.category(letter).startswith("P")
    )


@given(st.text())
def test_normalize_of_any_text_returns_single_spaces_and_no_punctuation(text):
    normalized = normalize(text)
    assert normalized == " ".join(normalized.split())
    assert normalized == drop_punctuation(normalized)


@given(st.lists(st.text(), max_size=4))
def test_normalize_texts_normalizes_each_text(texts):
    assert normalize_texts(texts) == [normalize(text) for text in texts]


def test_normalize_drops_stop_words_unless_they_have_an_apostrophe():
    without = [word for word in stop_words() if "'" not in word]
    assert normalize(" ".join(without)) == ""
    assert normalize("don't you've") == "dont youv"


def test_porter_stemmer_of_generated_words_agrees_with_nltk():
    assert not differing(words_of(generate_comments()), "ORIGINAL_ALGORITHM")


def test_porter_stemmer_of_all_words_in_the_comments_agrees_with_nltk_except_for_one():
    words = words_of(load_reddit_comments(data_folder()))
    assert len(words) > 17_000
    long = {word for word in words if len(word) > 2}
    assert differing(long, "ORIGINAL_ALGORITHM") == {"frikking": "frik"}
    assert differing(words - long, "NLTK_EXTENSIONS") == {}
    # NLTK's extensions: "y" after a vowel, "ies" and "ied" in words of four letters, ten words.
    assert len(differing(words, "NLTK_EXTENSIONS")) == 338


@pytest.mark.parametrize("word", ["", "a", "is", "ß" * 50, "ing" * 40])
def test_stem_words_of_the_same_word_returns_the_same_stem(word):
    assert stem_words(word) == stem_words(word)


# NLTK 3.10 is a port of Snowball's English stemmer; it stems these words differently.
NLTK_STEMS = {"irrationally": "irrate", "realization": "realize"}


def nltk_stemmer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nltk.stem.snowball import SnowballStemmer
    return SnowballStemmer("english").stem


def differing_snowball(words):
    ours, theirs = make_snowball_stemmer(), nltk_stemmer()
    return {word: theirs(word) for word in words if ours(word) != theirs(word)}


@pytest.mark.parametrize("name", ["uci-news", "reddit-comments"])
def test_snowball_stemmer_of_generated_words_agrees_with_nltk(name):
    texts = generate_dataset(name).train["data"]
    assert not differing_snowball({word for text in texts for word in split_words(text)})


def test_snowball_stemmer_of_all_words_in_the_comments_agrees_with_nltk_except_for_its_two_errors():
    dataset = load_reddit_comments(data_folder())
    texts = [*dataset.train["data"], *dataset.test["data"]]
    words = {word for text in texts for word in split_words(text)}
    assert len(words) > 16_000
    assert differing_snowball(words) == NLTK_STEMS


@given(st.text("abcdeilnostuy'\u2019", min_size=1))
def test_snowball_stemmer_of_the_same_word_returns_the_same_stem(word):
    stem = make_snowball_stemmer()
    assert stem(word) == stem(word)


@pytest.mark.parametrize("make", [make_snowball_stemmer, make_porter_stemmer])
def test_word_of_more_than_1000_characters_is_its_own_stem(make):
    stem, word = make(), "xyz" * 331 + "running"
    assert stem(word) == word.removesuffix("ning")
    assert stem("x" + word) == "x" + word

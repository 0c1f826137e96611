"""Lemmas from the compiled lexicon agree with NLTK's WordNetLemmatizer."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
from newsgroup_classifier.datasets.spooky import load_spooky
from newsgroup_classifier.errors import DataError, DataUnavailable
from newsgroup_classifier.text.lemma_counts import LemmaCountVectorizer
from newsgroup_classifier.text.lexicon import (
    DETACHMENTS,
    LEXICON_FILE,
    Lexicon,
    read_lexicon,
    write_lexicon,
)
from tests.newsgroup_classifier.conftest import data_folder, unlabeled_sentences

SMALL = Lexicon(
    frozenset({"mouse", "man", "men", "dog", "us", "u", "church", "axis", "ax", "axe"}),
    {"mice": ("mouse",), "axes": ("ax", "axis"), "geese": ("goose",)},
    "notice",
)
ENDINGS = ("", *(old for old, _ in DETACHMENTS))


@pytest.fixture(scope="module")
def wordnet():
    """Return the lexicon of WordNet, and NLTK's lemmatizer."""
    data_folder()
    lexicon = load_lexicon()
    from nltk.stem import WordNetLemmatizer

    return lexicon, WordNetLemmatizer().lemmatize


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("dogs", "dog"),
        ("mice", "mouse"),
        ("churches", "church"),
        ("us", "u"),  # the shorter of two nouns
        ("men", "men"),  # itself a noun, and as short as man
        ("axes", "ax"),
        ("geese", "geese"),  # the lemma in the exceptions is not a noun here
        ("runnings", "runnings"),
    ],
)
def test_lemma_of_a_word_is_the_shortest_noun_of_which_it_is_a_form(word, lemma):
    assert SMALL.lemma(word) == lemma


@given(st.sampled_from(sorted(SMALL.nouns)), st.sampled_from(ENDINGS))
def test_forms_of_a_lemma_include_every_word_with_that_lemma(noun, ending):
    word = noun + ending
    assert word in SMALL.forms(SMALL.lemma(word))


@given(st.text("aesuxmnchv", min_size=1, max_size=8))
def test_forms_of_a_lemma_all_have_that_lemma(word):
    lemma = SMALL.lemma(word)
    assert word in SMALL.forms(lemma)
    assert {SMALL.lemma(form) for form in SMALL.forms(lemma)} == {lemma}


def test_lexicon_is_read_as_written(tmp_path):
    path = tmp_path / LEXICON_FILE
    path.write_bytes(write_lexicon(SMALL))
    assert read_lexicon(path) == SMALL
    assert write_lexicon(SMALL) == path.read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip",
        write_lexicon(SMALL)[:-20],
        gzip.compress(b"[1]", mtime=0),
        gzip.compress(b"{", mtime=0),
        gzip.compress(b'{"nouns": []}', mtime=0),
    ],
)
def test_read_lexicon_of_an_invalid_file_says_so(tmp_path, content):
    path = tmp_path / LEXICON_FILE
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not a lexicon file"):
        read_lexicon(path)


def test_read_lexicon_of_a_missing_file_names_the_channel(tmp_path):
    with pytest.raises(DataError, match="is missing in the lexicon channel"):
        read_lexicon(tmp_path / LEXICON_FILE)


def test_load_lexicon_without_wordnet_says_where_to_get_it(tmp_path, monkeypatch):
    import nltk.data

    monkeypatch.setattr(nltk.data, "path", [])
    with pytest.raises(DataUnavailable, match=r"packages/corpora/wordnet\.zip"):
        load_lexicon(tmp_path)


@pytest.mark.slow
def test_lemma_of_every_noun_and_its_plurals_agrees_with_nltk(wordnet):
    lexicon, lemmatize = wordnet
    words = {noun + ending for noun in lexicon.nouns for ending in ENDINGS}
    for old, new in DETACHMENTS:
        words |= {noun.removesuffix(new) + old for noun in lexicon.nouns if noun.endswith(new)}
    words |= set(lexicon.exceptions)
    assert len(words) > 1_000_000
    assert not [word for word in words if lexicon.lemma(word) != lemmatize(word)]


@pytest.mark.slow
def test_lemma_of_every_word_in_the_corpus_agrees_with_nltk(wordnet):
    lexicon, lemmatize = wordnet
    dataset = load_spooky()
    split = LemmaCountVectorizer().words
    texts = [*dataset.train["data"], *dataset.test["data"], *unlabeled_sentences()]
    words = {word for text in texts for word in split(text)}
    assert len(words) > 25_000
    assert not [word for word in words if lexicon.lemma(word) != lemmatize(word)]


@pytest.mark.slow
@given(st.text(max_size=12), st.sampled_from(ENDINGS))
def test_lemma_of_any_text_agrees_with_nltk(wordnet, text, ending):
    lexicon, lemmatize = wordnet
    assert lexicon.lemma(text + ending) == lemmatize(text + ending)


@pytest.mark.slow
def test_table_of_all_nouns_has_the_lemma_of_every_noun_and_exception(wordnet):
    lexicon, lemmatize = wordnet
    table = lexicon.table(lexicon.nouns)
    for word in (*lexicon.exceptions, *(noun + "s" for noun in lexicon.nouns)):
        lemma = lemmatize(word)
        assert table.get(word) == (lemma if lemma in lexicon.nouns else None)

"""The lemma vectorizer counts like the tutorial's and, once fitted, needs no lexicon."""

import pytest
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer

from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
from newsgroup_classifier.datasets.spooky import generate_lexicon, generate_spooky, load_spooky
from newsgroup_classifier.text.lemma_counts import LemmaCountVectorizer
from newsgroup_classifier.text.lexicon import LEXICON_FILE, Lexicon, write_lexicon
from tests.newsgroup_classifier.conftest import data_folder, unlabeled_sentences

TEXTS = ["The dogs saw a mouse.", "Mice and men; the dog!", "", "Ein Hund, ÉTÉ, \U0001d518x"]
WORDS = Lexicon(frozenset({"dog", "mouse", "man"}), {"mice": ("mouse",), "men": ("man",)})


@pytest.fixture
def lexicon_file(tmp_path):
    """Write a lexicon of three nouns."""
    path = tmp_path / LEXICON_FILE
    path.write_bytes(write_lexicon(WORDS))
    return str(path)


def tutorial_counts(texts, lemmatize, **options):
    """Count like the tutorial: with the lemmas of the words from scikit-learn's analyzer."""
    analyzer = CountVectorizer(stop_words=options.pop("stop_words", None)).build_analyzer()
    counter = CountVectorizer(analyzer=lambda t: [lemmatize(w) for w in analyzer(t)], **options)
    return counter, counter.fit_transform(texts)


def test_fit_transform_counts_like_the_tutorial(lexicon_file):
    counter = LemmaCountVectorizer(lexicon=lexicon_file, stop_words="english")
    counts = counter.fit_transform(TEXTS)
    expected, matrix = tutorial_counts(TEXTS, WORDS.lemma, stop_words="english")
    assert counter.get_feature_names_out().tolist() == expected.get_feature_names_out().tolist()
    assert (counts != matrix).nnz == 0


def test_transform_counts_forms_that_did_not_occur_in_training(lexicon_file):
    counter = LemmaCountVectorizer(lexicon=lexicon_file).fit(["a dog", "the mouse", "a man"])
    row = counter.transform(["mice DOGS dogs men women"]).toarray()[0]
    assert dict(zip(counter.get_feature_names_out(), row.tolist(), strict=True)) == {
        "dog": 2,
        "man": 1,
        "mouse": 1,
        "the": 0,
    }


def test_transform_needs_no_lexicon_file(lexicon_file, tmp_path):
    counter = LemmaCountVectorizer(lexicon=lexicon_file).fit(TEXTS)
    expected = counter.transform(TEXTS).toarray()
    (tmp_path / LEXICON_FILE).unlink()
    assert (counter.transform(TEXTS).toarray() == expected).all()


def test_fit_ignores_a_stop_word_whose_lemma_is_in_the_vocabulary(tmp_path):
    path = tmp_path / LEXICON_FILE
    path.write_bytes(write_lexicon(Lexicon(frozenset({"u", "us"}), {})))
    counter = LemmaCountVectorizer(lexicon=str(path), stop_words=["us"])
    counter.set_params(max_df=1.0).fit(["uu us", "us uu"])
    assert counter.forms_ == {"uu": "uu"}


def test_fit_transform_without_a_lexicon_counts_words():
    counts = LemmaCountVectorizer().fit_transform(TEXTS)
    assert (counts != CountVectorizer().fit_transform(TEXTS)).nnz == 0


def test_clone_keeps_the_parameters(lexicon_file):
    counter = LemmaCountVectorizer(lexicon=lexicon_file, stop_words="english", min_df=2)
    assert clone(counter).get_params() == counter.get_params()


@pytest.mark.slow
def test_fit_transform_of_the_real_sentences_counts_like_the_tutorial(tmp_path):
    data_folder()
    path = tmp_path / LEXICON_FILE
    path.write_bytes(write_lexicon(load_lexicon()))
    from nltk.stem import WordNetLemmatizer

    texts = list(load_spooky().train["data"])
    options = {"stop_words": "english", "max_df": 0.95, "min_df": 2}
    counter = LemmaCountVectorizer(lexicon=str(path), **options)
    counts = counter.fit_transform(texts)
    expected, matrix = tutorial_counts(texts, WordNetLemmatizer().lemmatize, **options)
    assert (counts != matrix).nnz == 0
    others = unlabeled_sentences()
    assert (counter.transform(others) != expected.transform(others)).nnz == 0


def test_generated_lexicon_has_lemmas_for_the_generated_sentences():
    lexicon = generate_lexicon()
    texts = generate_spooky().train["data"]
    words = {word for text in texts for word in LemmaCountVectorizer().words(text)}
    assert len({lexicon.lemma(word) for word in words}) < len(words)

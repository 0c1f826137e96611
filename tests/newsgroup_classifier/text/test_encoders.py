"""Text encoders agree with scikit-learn, and are the same after writing and reading."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from newsgroup_classifier.errors import ArtifactError, DataError
from newsgroup_classifier.text.encoders import WordSequences, read_encoder, write_encoder
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.stemming import make_snowball_stemmer
from newsgroup_classifier.text.word_splitting import PUNCTUATION, WHITE_SPACE, split_words
from tests.newsgroup_classifier.conftest import ROOT

TEXTS = [
    "Fed official says weak data caused by weather",
    "Fed's Charles Plosser sees high bar for change",
    "US open: Stocks fall after Fed official hints",
    "The weather, the weather; THE WEATHER!",
    "a I 5% up\u2028down",
    "...",
]
ENCODERS = {
    "sequence": WordSequences(8, 5),
    "ngrams": NgramBags(2, 5),
    "words": NgramBags(1, 0, min_df=2),
    "stems": NgramBags(1, 0, stems=True),
}
texts_of_any_kind = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5)


def dense(encoder, texts):
    """Return the weights as rows with one column per token id, without padding."""
    rows = encoder.transform(texts)
    columns = np.zeros((len(texts), encoder.size))
    for row, (tokens, weights) in enumerate(zip(rows["tokens"], rows["weights"], strict=True)):
        assert list(tokens[weights > 0]) == sorted(set(tokens[weights > 0]))
        assert not (tokens[weights == 0]).any()
        columns[row, tokens] = weights
    return columns[:, 1:]


def reference(texts, names, analyzer):
    vectorizer = TfidfVectorizer(analyzer=analyzer, vocabulary=names, sublinear_tf=True)
    vectorizer.fit(TEXTS)
    return vectorizer.transform(texts).toarray()


def character_ngrams(text):
    for word in split_words(text):
        for length in range(2, 6):
            for first in range(len(word) + 3 - length):
                yield f" {word} "[first : first + length]


def word_ngrams(text):
    return TfidfVectorizer(
        ngram_range=(1, 2), tokenizer=split_words, token_pattern=None
    ).build_analyzer()(text)


def test_white_space_has_all_characters_at_which_python_splits():
    spaces = {chr(code) for code in range(0x110000) if chr(code).isspace()}
    assert set(WHITE_SPACE) == spaces
    assert all(split_words(f"a{space}b") == ["a", "b"] for space in spaces)


@pytest.mark.parametrize("mark", PUNCTUATION)
def test_split_words_splits_at_punctuation(mark):
    assert split_words(f"{mark}Don't{mark}{mark}STOP{mark}") == ["don't", "stop"]


@given(st.text())
def test_split_words_is_idempotent(text):
    words = split_words(text)
    assert split_words(" ".join(words)) == words


def test_word_sequences_numbers_words_by_frequency_and_first_occurrence():
    encoder = WordSequences(4, 6).fit(["b a b", "c a d"])
    assert encoder.vocabulary == ("b", "a", "c")
    assert encoder.size == 4
    assert encoder.transform(["d c b", ""])["tokens"].tolist() == [[3, 1, 0, 0, 0, 0], [0] * 6]


@pytest.mark.parametrize(
    ("pad", "short", "long"), [("front", [0, 1, 2], [2, 3, 1]), ("back", [1, 2, 0], [1, 2, 3])]
)
def test_word_sequences_pads_and_truncates_on_the_same_side(pad, short, long):
    encoder = WordSequences(9, 3, pad).fit(["a a a b b c"])
    assert encoder.transform(["a b", "a b c a"])["tokens"].tolist() == [short, long]
    assert encoder.transform(["a"])["tokens"].dtype == np.int32


@given(texts_of_any_kind)
def test_word_ngrams_have_the_weights_of_scikit_learn(texts):
    encoder = NgramBags(2, 0).fit(TEXTS)
    expected = reference(texts or ["x"], encoder.word_terms.names, word_ngrams)
    np.testing.assert_allclose(dense(encoder, texts or ["x"]), expected, atol=1e-6)


@given(texts_of_any_kind)
def test_character_ngrams_have_the_weights_of_scikit_learn(texts):
    texts = [*TEXTS, *texts]
    encoder = NgramBags(2, 5).fit(TEXTS)
    words, characters = (terms.names for terms in encoder.kinds)
    expected = np.hstack(
        [reference(texts, words, word_ngrams), reference(texts, characters, character_ngrams)]
    )
    np.testing.assert_allclose(dense(encoder, texts), expected, atol=1e-6)


def test_character_ngrams_of_long_words_equal_those_of_scikit_learn():
    words = ["weather", "officials", "plosser"]
    expected = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit(words).vocabulary_
    assert set(NgramBags(1, 5).fit(words).kinds[1].names) == set(expected)


@given(texts_of_any_kind)
def test_stems_have_the_weights_of_scikit_learn(texts):
    stem = make_snowball_stemmer()
    encoder = NgramBags(1, 0, stems=True).fit(TEXTS)
    texts = [*TEXTS, *texts]
    expected = reference(
        texts, encoder.word_terms.names, lambda text: [stem(word) for word in split_words(text)]
    )
    np.testing.assert_allclose(dense(encoder, texts), expected, atol=1e-6)


def test_fit_drops_terms_by_min_df_and_max_features():
    texts = ["a b", "a b c", "a c d", "a"]
    assert NgramBags(1, 0, min_df=2).fit(texts).word_terms.names == ("a", "b", "c")
    assert NgramBags(1, 0, min_df=2, max_features=2).fit(texts).word_terms.names == ("a", "b")
    assert NgramBags(1, 0).fit(texts).word_terms.frequencies == (4, 2, 2, 1)


@pytest.mark.parametrize(
    ("encoder", "texts", "reason"),
    [
        (WordSequences(9, 3), ["", "..."], "there are no words in 2 texts"),
        (
            NgramBags(1, 0, min_df=2),
            ["a", "b"],
            "none of 2 terms occurs in 2 or more of the 2 text",
        ),
        (NgramBags(1, 0, stems=True), [], "none of 0 terms occurs in 1 or more of the 0 texts"),
    ],
)
def test_fit_on_texts_without_words_says_so(encoder, texts, reason):
    with pytest.raises(DataError, match=reason):
        encoder.fit(texts)


@pytest.mark.parametrize("name", ENCODERS)
def test_transform_returns_one_row_per_text_and_at_least_one_column(name):
    encoder = ENCODERS[name].fit(TEXTS)
    for texts in ([], ["unheard"], ["..."], TEXTS):
        rows = encoder.transform(texts)
        assert rows["tokens"].dtype == np.int32
        assert rows["tokens"].shape[0] == len(texts)
        assert rows["tokens"].shape[1] >= 1
        assert rows["tokens"].max(initial=0) < encoder.size
        if "weights" in rows:
            assert rows["weights"].dtype == np.float32
            assert rows["weights"].shape == rows["tokens"].shape


@pytest.mark.parametrize("name", ENCODERS)
@given(texts=texts_of_any_kind)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_encoder_is_read_as_written(name, texts):
    encoder = ENCODERS[name].fit([*TEXTS, *texts])
    content = write_encoder(encoder)
    again = read_encoder(content)
    assert write_encoder(again) == content
    assert json.loads(content)["kind"] == again.kind == encoder.kind
    assert again.size == encoder.size
    first, second = encoder.transform([*TEXTS, *texts]), again.transform([*TEXTS, *texts])
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("name", ["kind", "texts", "word_terms"])
def test_read_encoder_of_a_file_of_other_code_says_what_to_do(name):
    content = json.loads(write_encoder(ENCODERS["ngrams"].fit(TEXTS)))
    del content[name]
    with pytest.raises(ArtifactError, match=rf"invalid \(KeyError: '{name}'\)\. Train the model"):
        read_encoder(json.dumps(content).encode())


@pytest.mark.parametrize("name", ["ngrams", "words", "stems"])
def test_transform_of_a_text_is_the_same_alone_and_among_others(name):
    encoder = ENCODERS[name].fit(TEXTS)
    together = dense(encoder, TEXTS)
    alone = np.vstack([dense(encoder, [text]) for text in TEXTS])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("name", ["ngrams", "words", "stems"])
def test_transform_of_one_long_word_returns_one_row(name):
    encoder = ENCODERS[name].fit(TEXTS)
    assert encoder.transform(["weather" * 100_000])["tokens"].shape[0] == 1


def test_transform_of_a_long_unknown_word_needs_little_memory(traced_memory):
    encoder = ENCODERS["ngrams"].fit(TEXTS)
    encoder.transform(["\u2603" * 100_000])
    assert traced_memory() < 40 * 100_000  # bytes; a list of all n-grams takes 300 per letter


def test_encoders_are_imported_without_packages_that_serving_containers_lack():
    program = (
        "import sys, newsgroup_classifier.text.encoders\n"
        "heavy = {'tensorflow', 'sklearn', 'scipy', 'pandas', 'joblib', 'snowballstemmer'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"

"""Texts get the same vectors as from spaCy, from a file that is refused if it is invalid."""

import io
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
from newsgroup_classifier.datasets.subreddits import generate_raw_posts
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.posts import clean_post
from newsgroup_classifier.text.word_vectors import (
    VectorTable,
    WordVectors,
    read_vectors,
    split_contractions,
    write_vectors,
)
from tests.newsgroup_classifier.datasets.subreddits import spacy_pipeline

WORDS = ["do", "n't", "we", "'re", "cats", "weren", "it", "'s", "na\xefve", "fish", "x"]
TABLE = VectorTable(("a", "b"), np.array([1, 0], np.int32), np.eye(2, 3, dtype=np.float32))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """Return a spaCy pipeline with vectors and the folder in which it is saved."""
    folder = tmp_path_factory.mktemp("spacy") / "pipeline"
    words = {word for post in generate_raw_posts()[:100] for word in clean_post(post.text).split()}
    return spacy_pipeline(folder, sorted({*WORDS, *words})), folder


@pytest.fixture
def file(pipeline, tmp_path):
    """Return the path of the pipeline's compiled vectors."""
    path = tmp_path / "vectors.npz"
    path.write_bytes(write_vectors(load_vectors(str(pipeline[1]))))
    return path


def check(nlp, path, texts):
    """Assert that texts have the vectors of spaCy's documents."""
    expected = np.stack([nlp(text).vector for text in texts])
    np.testing.assert_allclose(WordVectors(str(path)).transform(texts), expected, atol=1e-6)


def test_transform_of_posts_agrees_with_spacy(pipeline, file):
    check(pipeline[0], file, [clean_post(post.text) for post in generate_raw_posts()[:100]])


@pytest.mark.parametrize(
    "text",
    ["we don't", "we're it's cats", "weren't we", "unknown words only", "na\xefve fish", "x xqzt"],
)
def test_transform_of_contractions_and_unknown_words_agrees_with_spacy(pipeline, file, text):
    check(pipeline[0], file, [text])


def test_transform_of_a_text_without_words_returns_zeros_like_spacy(pipeline, file):
    assert not pipeline[0]("").vector.any()
    assert not WordVectors(str(file)).transform([""]).any()


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ("cannot", ["cannot"], ["can", "not"]),
        ("dont", ["dont"], ["do", "nt"]),
        ("8pm", ["8pm"], ["8", "pm"]),
    ],
)
def test_split_contractions_keeps_words_that_spacy_splits_by_a_list(pipeline, text, ours, theirs):
    """Tables of real vectors contain the whole words (docs/explanation/decisions/data.md)."""
    assert split_contractions(text) == ours
    assert [token.text for token in pipeline[0](text)] == theirs


def test_transform_with_a_table_of_lower_case_words_agrees_with_spacy(tmp_path):
    nlp = spacy_pipeline(tmp_path / "pipeline", ["fish", "cats"], attr="LOWER")
    path = tmp_path / "vectors.npz"
    path.write_bytes(write_vectors(load_vectors(str(tmp_path / "pipeline"))))
    check(nlp, path, ["fish and cats"])


def test_load_vectors_without_spacy_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"spaCy is not installed.*make spacy"):
        load_vectors("en_core_web_md")


def test_load_vectors_of_a_missing_pipeline_or_another_folder_says_what_is_expected(tmp_path):
    for name in ("en_core_web_xl", str(tmp_path)):
        with pytest.raises(DataError) as caught:
            load_vectors(name)
        message = str(caught.value)
        assert message.startswith(f"spaCy cannot load {name!r} (")
        assert message.endswith("Install one with: python -m spacy download NAME")


def test_load_vectors_of_a_pipeline_without_vectors_is_refused(tmp_path):
    import spacy

    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(DataError, match=r"has no word vectors.*as in en_core_web_md"):
        load_vectors(str(tmp_path / "blank"))


def test_vectors_are_read_as_written(tmp_path):
    path = tmp_path / "vectors.npz"
    path.write_bytes(write_vectors(TABLE))
    table = read_vectors(path)
    assert table.words == TABLE.words
    assert table.mean("b a c").tolist() == pytest.approx([1 / 3, 1 / 3, 0])
    assert write_vectors(TABLE) == write_vectors(TABLE)


def packed(**changed):
    arrays = {
        "words": np.frombuffer(b"a\0b", np.uint8),
        "rows": TABLE.rows,
        "vectors": TABLE.vectors,
    } | changed
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "No data left in file"),
        (b"no archive", "is not a file of word vectors"),
        (packed()[:-30], "is not a file of word vectors"),
        (packed(rows=np.array([0], np.int32)), "it has 2 words and rows int32 (1,)"),
        (packed(rows=np.array([0, 2], np.int32)), "a word has no row"),
        (packed(rows=np.array([0, 1])), "rows int64 (2,)"),
        (packed(vectors=np.eye(2)), "its vectors are float64 (2, 2)"),
        (packed(vectors=np.full((2, 2), np.nan, np.float32)), "a value that is not finite"),
        (packed(words=np.array([{}], object)), "allow_pickle=False"),
        (packed(words=np.frombuffer(b"\xff", np.uint8)), "'utf-8' codec can't decode"),
    ],
)
def test_read_vectors_of_an_invalid_file_is_refused(tmp_path, content, reason):
    path = tmp_path / "vectors.npz"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_vectors(path)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{path} is not a file of word vectors")


def test_word_vectors_without_the_file_says_how_to_upload_it(tmp_path):
    with pytest.raises(
        DataError, match=r"missing in the vectors channel.*scripts.upload_data --vec"
    ):
        WordVectors(str(tmp_path / "vectors.npz")).fit(["a"])
    with pytest.raises(DataError, match="WordVectors has no path"):
        WordVectors().transform(["a"])


def test_word_vectors_is_stateless_until_fitted_and_then_pickled_with_its_table(tmp_path):
    path = tmp_path / "vectors.npz"
    path.write_bytes(write_vectors(TABLE))
    unfitted = WordVectors(str(path))
    assert not unfitted.__sklearn_tags__().requires_fit
    expected = unfitted.transform(["a b"])
    fitted = clone(unfitted).fit(["a b"])
    assert vars(unfitted) == {"path": str(path)}
    path.unlink()
    loaded = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    assert loaded.transform(["a b"]).tobytes() == expected.tobytes()


def test_word_vectors_that_are_fitted_again_have_the_table_of_their_new_path(tmp_path):
    old, new = tmp_path / "old.npz", tmp_path / "new.npz"
    old.write_bytes(write_vectors(TABLE))
    new.write_bytes(write_vectors(VectorTable(TABLE.words, TABLE.rows, 2 * TABLE.vectors)))
    vectors = WordVectors(str(old)).fit(["a"])
    expected = 2 * vectors.transform(["a b"])
    assert (vectors.set_params(path=str(new)).fit(["a"]).transform(["a b"]) == expected).all()


@given(st.text("abn't '\u2019", max_size=30))
@settings(max_examples=200)
def test_split_contractions_of_any_cleaned_text_loses_no_letter(text):
    cleaned = clean_post(text)
    assert "".join(split_contractions(cleaned)) == cleaned.replace(" ", "")

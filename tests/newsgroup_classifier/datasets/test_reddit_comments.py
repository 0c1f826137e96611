"""Comments are read as the course hands them out; their stems are NLTK's."""

import gzip
import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.reddit_comments import load_reddit_comments
from newsgroup_classifier.errors import DataError, DataUnavailable
from newsgroup_classifier.text.stemmed_tfidf import make_stemmer
from newsgroup_classifier.text.word_splitting import split_words
from tests.newsgroup_classifier.conftest import data_folder

NAME = "categorized-comments.jsonl"
COMMENTS = [
    ("sports" if n % 3 else "video_games", f"Comment {n}\u2028 \u201cquoted\u201d")
    for n in range(30)
]
# Words that NLTK 3.10 stems unlike Snowball's own English stemmer, of which it is a translation.
NLTK_STEMS = {"irrationally": "irrate", "realization": "realize"}


def as_lines(comments):
    return "".join(
        json.dumps({"cat": name, "txt": text}) + "\n" for name, text in comments
    ).encode()


@pytest.fixture
def folder(tmp_path):
    """Return the folder of the data set in an empty data folder."""
    found = tmp_path / "reddit-categorized-comments"
    found.mkdir()
    return found


@pytest.mark.parametrize(("name", "pack"), [(NAME, bytes), (f"{NAME}.gz", gzip.compress)])
def test_load_reddit_comments_of_each_form_gives_all_comments(folder, name, pack):
    (folder / name).write_bytes(pack(as_lines(COMMENTS)))
    dataset = load_reddit_comments(folder.parent)
    found = [*dataset.train.itertuples(index=False), *dataset.test.itertuples(index=False)]
    names = ("sports", "video_games")
    assert tuple(dataset.train.columns) == COLUMNS
    assert sorted(found) == sorted((text, "", name, names.index(name)) for name, text in COMMENTS)
    assert dict(dataset.test["label_names"].value_counts()) == {"sports": 4, "video_games": 2}


def test_deleted_comments_stay(folder):
    deleted = [("sports", "[deleted]"), ("sports", "[removed]")]
    (folder / NAME).write_bytes(as_lines([*COMMENTS, *deleted]))
    dataset = load_reddit_comments(folder.parent)
    texts = {*dataset.train["data"], *dataset.test["data"]}
    assert {"[deleted]", "[removed]"} <= texts


GOOD = as_lines(COMMENTS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it has 0 categories; expected two or more"),
        (as_lines([("a", "x")] * 9), "it has 1 categories; expected two or more"),
        (as_lines([("a", "x")] * 9 + [("b", "x")]), "it has 1 comments of b; expected 3 or more"),
        (GOOD + b'{"cat": "sports"', "line 31 is not JSON (JSONDecodeError)"),
        (GOOD + b"[" * 100_000, "line 31 is not JSON (RecursionError)"),
        (GOOD + b"[1]\n", "line 31 is an array; expected an object"),
        (GOOD + b"null\n", "line 31 is null; expected an object"),
        (GOOD + b'{"cat": "sports"}', 'line 31 has no "txt"; expected an object'),
        (GOOD + b'{"cat": "sports", "txt": null}', 'line 31 has null as "txt"; expected an object'),
        (GOOD + b'{"cat": 1, "txt": "x"}', 'line 31 has a number as "cat"; expected an object'),
        (GOOD + b'{"cat": 1.5, "txt": []}', 'line 31 has a number as "cat" and an array as "txt"'),
        (GOOD + b'{"txt": true}', 'line 31 has no "cat" and a boolean as "txt"; expected'),
        (GOOD + b'{"cat": "a", "txt": " "}', "line 31 has an empty txt; expected an object"),
        (GOOD + b'{"cat": "", "txt": "x"}', "line 31 has an empty cat; expected an object"),
        (GOOD + b'{"cat": "a", "txt": "\\ud800"}', "line 31 has half a character; expected"),
        (b"\xff", "byte 0 is 0xff, which is not UTF-8"),
    ],
)
def test_load_reddit_comments_of_a_broken_file_names_the_line(folder, content, reason):
    (folder / NAME).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_reddit_comments(folder.parent)
    start = f"{folder / NAME} is not the file of categorized comments: {reason}"
    assert str(caught.value).startswith(start)


def test_load_reddit_comments_without_a_file_says_who_has_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataUnavailable) as caught:
        load_reddit_comments()
    assert str(caught.value).endswith(
        "Get categorized-comments.jsonl from somebody who took Bellevue University's course DSC "
        "550, which hands it out, and put it there."
    )


def test_generated_comments_have_two_categories_in_both_channels():
    dataset = generate_dataset("reddit-comments")
    for frame in (dataset.train, dataset.test):
        assert set(frame["label_names"]) == {"science_and_technology", "sports"}
    assert dataset.train.equals(generate_dataset("reddit-comments").train)


def nltk_stemmer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nltk.stem.snowball import SnowballStemmer
    return SnowballStemmer("english").stem


def differing(words):
    ours, theirs = make_stemmer(), nltk_stemmer()
    return {word: theirs(word) for word in words if ours(word) != theirs(word)}


@pytest.mark.parametrize("name", ["uci-news", "reddit-comments"])
def test_stems_of_generated_words_are_those_of_nltk(name):
    texts = generate_dataset(name).train["data"]
    assert not differing({word for text in texts for word in split_words(text)})


def test_stems_of_all_words_of_the_comments_are_those_of_nltk_but_for_its_two_slips():
    dataset = load_reddit_comments(data_folder())
    texts = [*dataset.train["data"], *dataset.test["data"]]
    words = {word for text in texts for word in split_words(text)}
    assert len(words) > 16_000
    assert differing(words) == NLTK_STEMS


@given(st.text("abcdeilnostuy'\u2019", min_size=1))
def test_a_word_has_the_same_stem_each_time(word):
    stem = make_stemmer()
    assert stem(word) == stem(word) == make_stemmer()(word)

"""Comments are read from the files of the course."""

import gzip
import json

import pytest

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.reddit_comments import load_reddit_comments
from newsgroup_classifier.errors import DataError, DataUnavailable

FOLDER = "reddit-categorized-comments"
NAME = "categorized-comments.jsonl"
COMMENTS = [
    ("sports" if n % 3 else "video_games", f"Comment {n}\u2028 \u201cquoted\u201d")
    for n in range(30)
]


def as_lines(comments):
    return "".join(
        json.dumps({"cat": name, "txt": text}) + "\n" for name, text in comments
    ).encode()


@pytest.mark.parametrize(("name", "pack"), [(NAME, bytes), (f"{NAME}.gz", gzip.compress)])
def test_load_reddit_comments_of_each_format_returns_all_comments(folder, name, pack):
    (folder / name).write_bytes(pack(as_lines(COMMENTS)))
    dataset = load_reddit_comments(folder.parent)
    rows = [*dataset.train.itertuples(index=False), *dataset.test.itertuples(index=False)]
    names = ("sports", "video_games")
    assert tuple(dataset.train.columns) == COLUMNS
    assert sorted(rows) == sorted((text, "", name, names.index(name)) for name, text in COMMENTS)
    assert dict(dataset.test["label_names"].value_counts()) == {"sports": 4, "video_games": 2}


def test_load_reddit_comments_keeps_deleted_comments(folder):
    deleted = [("sports", "[deleted]"), ("sports", "[removed]")]
    (folder / NAME).write_bytes(as_lines([*COMMENTS, *deleted]))
    dataset = load_reddit_comments(folder.parent)
    texts = {*dataset.train["data"], *dataset.test["data"]}
    assert {"[deleted]", "[removed]"} <= texts


GOOD = as_lines(COMMENTS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (as_lines([("a", "x")] * 9), "it has 1 category; expected 2 or more"),
        (as_lines([("a", "x")] * 9 + [("b", "x")]), "it has 1 comment of b; expected 3 or more"),
        (as_lines([("a", "x")] * 9 + [("b c", "x")]), "it has 1 comment of a category; expected 3"),
        (b'{"cat": "sports"}\n' * 9, "its objects have no txt"),
        (GOOD + b'{"cat": "sports"}', "object 31 has an empty txt"),
        (GOOD + b'{"cat": "a", "txt": "\\u200b"}', "object 31 has an empty txt"),
        (GOOD + b'{"cat": "", "txt": "x"}', "object 31 has an empty cat"),
    ],
)
def test_load_reddit_comments_of_an_invalid_file_names_the_object(folder, content, reason):
    (folder / NAME).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_reddit_comments(folder.parent)
    start = f"{folder / NAME} is not the file of categorized comments: {reason}"
    assert str(caught.value).startswith(start)


@pytest.mark.parametrize("line", [b'{"cat": "sports"', b"[1]", b'{"cat": "a", "txt": "\\ud800"}'])
def test_load_reddit_comments_of_a_broken_line_names_it(folder, line):
    (folder / NAME).write_bytes(GOOD + line)
    with pytest.raises(DataError, match=f"{NAME}: line 31"):
        load_reddit_comments(folder.parent)


def test_load_reddit_comments_without_a_file_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataUnavailable) as caught:
        load_reddit_comments()
    assert (
        "Get categorized-comments.jsonl from a participant of Bellevue University's course DSC "
        "550, which distributes it, and put it there, or upload a small generated corpus instead"
    ) in str(caught.value)


def test_generated_comments_have_two_categories_in_both_channels():
    dataset = generate_dataset("reddit-comments")
    for frame in (dataset.train, dataset.test):
        assert set(frame["label_names"]) == {"science_and_technology", "sports"}
    assert dataset.train.equals(generate_dataset("reddit-comments").train)

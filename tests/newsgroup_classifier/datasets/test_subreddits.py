"""Posts are read from CSV and SQLite files; errors name the invalid row."""

import csv
import gzip
import io
import sqlite3
from contextlib import closing

import pytest

from newsgroup_classifier.channels.texts import COLUMNS as CHANNEL_COLUMNS
from newsgroup_classifier.datasets.sources.submissions import COLUMNS
from newsgroup_classifier.datasets.subreddits import load_subreddits
from newsgroup_classifier.errors import DataError, DataUnavailable
from newsgroup_classifier.text.posts import clean_post, join_post
from tests.newsgroup_classifier.conftest import data_folder

FOLDER = "reddit-subreddits"
FEW = {"min_characters": 10, "posts_per_class": 4}
TEXTS = ["" if n % 2 else f"Some text\nof it \u00e9{n}" for n in range(6)]
POSTS = [
    (name, "t5_x", f"A title of {name}, number {n}!", text)
    for name in ("books", "cars")
    for n, text in enumerate(TEXTS)
]
WRANGLED = [
    (f"the words of post {n} weren't many", "books" if n % 2 else "cars") for n in range(12)
]
GOOD = [("text", "subreddit"), *WRANGLED]


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def database(path, rows, columns=COLUMNS, table="submission_table"):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        places = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
    return path


def loaded(folder, **limits):
    return load_subreddits(folder.parent, **limits)


def rows_of(dataset):
    return sorted(
        [*dataset.train.itertuples(index=False), *dataset.test.itertuples(index=False)], key=str
    )


def test_load_subreddits_of_a_database_and_of_csv_gives_the_same_channels(folder):
    path = database(folder / "submissions.db", POSTS)
    before = path.read_bytes()
    from_database = loaded(folder, **FEW)
    assert path.read_bytes() == before
    path.unlink()
    (folder / "submissions.csv.gz").write_bytes(gzip.compress(as_csv([COLUMNS, *POSTS])))
    from_csv = loaded(folder, **FEW)
    assert rows_of(from_database) == rows_of(from_csv)
    assert tuple(from_csv.train.columns) == CHANNEL_COLUMNS
    assert dict(from_csv.test["label_names"].value_counts()) == {"books": 1, "cars": 1}
    assert {row[1] for row in rows_of(from_csv)} <= {row[2] for row in POSTS}


def test_load_subreddits_of_a_database_accepts_columns_in_any_order_among_others(folder):
    columns = ("id", "text", "title", "subreddit_id", "subreddit_name")
    rows = [(n, text, title, number, name) for n, (name, number, title, text) in enumerate(POSTS)]
    database(folder / "submissions.db", rows, columns)
    assert len(rows_of(loaded(folder, **FEW))) == 8


def test_load_subreddits_returns_raw_texts(folder):
    (folder / "submissions.csv").write_bytes(as_csv([COLUMNS, *POSTS]))
    texts = {row[0] for row in rows_of(loaded(folder, **FEW))}
    assert texts <= {join_post(title, text) for _, _, title, text in POSTS}


@pytest.mark.parametrize("header", [("text", "subreddit"), ("text", "subreddit", "row")])
def test_load_subreddits_of_wrangled_posts_keeps_all_of_them(folder, header):
    rows = [(*row, n)[: len(header)] for n, row in enumerate(WRANGLED)]
    (folder / "submissions.csv").write_bytes(as_csv([header, *rows]))
    dataset = loaded(folder)
    assert sorted((row[0], row[2]) for row in rows_of(dataset)) == sorted(WRANGLED)
    assert dataset.wrangling.kept == len(WRANGLED)


def test_load_subreddits_of_wrangled_posts_keeps_duplicates(folder):
    (folder / "submissions.csv").write_bytes(as_csv([*GOOD, *WRANGLED[:5]]))
    report = loaded(folder).wrangling
    assert (report.read, report.duplicates, report.kept) == (17, 0, 17)
    assert ("duplicates of an earlier post", "0") in report.rows()


def test_load_subreddits_never_puts_copies_of_a_post_in_both_channels(folder):
    copies = [*WRANGLED, *[(text.upper(), name) for text, name in WRANGLED]]
    (folder / "submissions.csv").write_bytes(as_csv([GOOD[0], *copies]))
    dataset = loaded(folder)
    train, test = (
        {clean_post(text) for text in part["data"]} for part in (dataset.train, dataset.test)
    )
    assert not train & test
    assert len(dataset.test) == 4


RAW = [COLUMNS, *POSTS]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (as_csv([("a", "b"), (1, 2)]), "its columns are a, b; expected subreddit_name"),
        (as_csv([COLUMNS[:3], POSTS[0][:3]]), "its columns are subreddit_name, subreddit_id, ti"),
        (as_csv([COLUMNS]), "it has no posts; expected one row per post"),
        (as_csv([*RAW, ("books", "x", "", " ")]), "row 13 has neither title nor text; expected"),
        (as_csv([*RAW, ("books", "x", "\ufeff", "\u200b")]), "row 13 has neither title nor text"),
        (as_csv([*RAW, ("", "x", "a", "b")]), "row 13 has an empty subreddit_name; expected"),
        (as_csv([*GOOD, ("", "cars")]), "row 13 has an empty text; expected the words of a post"),
        (as_csv([*GOOD, ("\u200b" * 999, "cars")]), "row 13 has an empty text; expected the words"),
        (as_csv([*GOOD, ("nan", "cars")]), "row 13 has the text 'nan'; expected the words"),
        (as_csv([*GOOD, ("None", "cars")]), "row 13 has the text 'None'; expected the words"),
        (as_csv([*GOOD, ("a b", " ")]), "row 13 has an empty subreddit; expected a name"),
    ],
)
def test_load_subreddits_of_invalid_csv_names_the_file_and_the_row(folder, content, reason):
    path = folder / "submissions.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        loaded(folder, **FEW)
    assert str(caught.value).startswith(f"{path} is not a file of Reddit posts: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (as_csv([*RAW, ("books", "x", "a")]), r"row 13 \(line [0-9]+\) has 3 fields; expected 4"),
        (as_csv(GOOD) + b"\xff,cars\n", "line 14 is not utf-8"),
    ],
)
def test_load_subreddits_of_broken_csv_says_where(folder, content, reason):
    (folder / "submissions.csv").write_bytes(content)
    with pytest.raises(DataError, match=reason):
        loaded(folder, **FEW)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("books", "x", "a", None), "row 13 has NULL as text; expected text"),
        (("books", "x", None, "a"), "row 13 has NULL as title; expected text"),
        (("books", "x", "a", 1.5), "row 13 has a value of the type float as text; exp"),
        (("books", "x", "a", b"\xff"), "row 13 has a value of the type bytes as text; exp"),
        (("books", "x", "", ""), "row 13 has neither title nor text"),
        (("books", "x", "a", "nan"), "row 13 has the text 'nan'; expected the words of a post, or"),
        (("books", "x", "a", "None"), "row 13 has the text 'None'; expected the words"),
    ],
)
def test_load_subreddits_of_a_database_names_the_invalid_row(folder, row, reason):
    database(folder / "submissions.db", [*POSTS, row])
    with pytest.raises(DataError, match=reason):
        loaded(folder, **FEW)


def test_load_subreddits_of_a_database_with_text_that_is_not_utf_8_names_the_row(folder):
    path = database(folder / "submissions.db", POSTS)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE submission_table SET title = CAST(x'61ff' AS TEXT) WHERE rowid = 3"
        )
    with pytest.raises(DataError, match="row 3 has byte 0xff, which is not UTF-8"):
        loaded(folder, **FEW)


def test_load_subreddits_of_a_database_without_the_table_names_the_expected_columns(folder):
    path = database(folder / "submissions.db", POSTS, table="posts")
    with pytest.raises(DataError) as caught:
        loaded(folder, **FEW)
    columns = "subreddit_name, subreddit_id, title, text"
    assert str(caught.value) == (
        f"{path} is not a file of Reddit posts: it has no table submission_table with the column "
        f"{columns}; the columns of that table are none; expected {columns}."
    )


def test_load_subreddits_of_a_database_without_a_column_names_it_and_the_actual_ones(folder):
    database(folder / "submissions.db", [row[:3] for row in POSTS], COLUMNS[:3])
    with pytest.raises(
        DataError, match="column text; the columns of that table are subreddit_name"
    ):
        loaded(folder, **FEW)


def test_load_subreddits_of_a_database_without_posts_is_refused(folder):
    database(folder / "submissions.db", [])
    with pytest.raises(DataError, match="it has no posts; expected one row per post"):
        loaded(folder, **FEW)


@pytest.mark.parametrize("content", [b"no database at all, but a text" * 20, b"SQLite format 3\0x"])
def test_load_subreddits_of_a_file_that_is_not_a_database_is_refused(folder, content):
    (folder / "submissions.sqlite3").write_bytes(content)
    with pytest.raises(DataError, match="it cannot be read as a SQLite database"):
        loaded(folder, **FEW)


def test_load_subreddits_with_one_post_in_a_class_names_the_class(folder):
    path = folder / "submissions.csv"
    path.write_bytes(as_csv([*GOOD, ("one post about math", "math")]))
    with pytest.raises(DataError) as caught:
        loaded(folder)
    assert str(caught.value) == (
        f"{path} has 1 post in the class math; expected 3 or more, to train and test with. "
        "Remove the class, or collect more of its posts."
    )


def test_load_subreddits_of_one_wrangled_class_does_not_suggest_thresholds(folder):
    path = folder / "submissions.csv"
    path.write_bytes(as_csv([GOOD[0], *[(text, "books") for text, _ in WRANGLED]]))
    with pytest.raises(DataError) as caught:
        loaded(folder)
    assert str(caught.value) == (
        f"{path} has only one class (books); expected two or more. Collect posts of another class."
    )


def test_load_subreddits_of_wrangled_posts_with_thresholds_is_refused(folder):
    (folder / "submissions.csv").write_bytes(as_csv(GOOD))
    with pytest.raises(DataError, match=r"all of them are used\. Omit --min-characters and --p"):
        loaded(folder, posts_per_class=20)


def test_load_subreddits_of_too_few_posts_names_the_thresholds_and_the_largest_class(folder):
    (folder / "submissions.csv").write_bytes(as_csv([COLUMNS, *POSTS]))
    reports = []

    def print_rows(heading, rows):
        reports.append(dict(rows))

    with pytest.raises(DataError) as caught:
        loaded(folder, report=print_rows, min_characters=0, posts_per_class=50)
    assert "(0), and the largest of the others has " in str(caught.value)
    assert str(caught.value).endswith("were: 0 or more characters per post, 50 posts per class.")
    assert reports[0]["posts kept"].startswith("0 ")


def test_load_subreddits_with_thresholds_that_leave_no_class_suggests_lowering_them(folder):
    (folder / "submissions.csv").write_bytes(as_csv([COLUMNS, *POSTS]))
    with pytest.raises(DataError, match=r"too few classes with enough posts \(0\).*Lower --min"):
        loaded(folder, posts_per_class=7)


def test_load_subreddits_without_a_file_says_how_to_create_one(tmp_path, monkeypatch):
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataUnavailable, match="database with the table submission_table"):
        load_subreddits()


def test_load_subreddits_of_the_real_file_keeps_all_posts_of_44_classes():
    dataset = load_subreddits(data_folder())
    assert (len(dataset.train), len(dataset.test)) == (2816, 704)
    assert set(dataset.test["label_names"].value_counts()) == {16}
    texts = [*dataset.train["data"], *dataset.test["data"]]
    assert (len(texts), len(set(texts))) == (3520, 3515)
    assert (dataset.wrangling.read, dataset.wrangling.duplicates) == (3520, 0)

"""Headlines are read from the files of UCI and Kaggle; no story is in both channels."""

import csv
import gzip
import io
import zipfile

import pytest

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.uci_news import ARCHIVE, FIELDS, LABEL_NAMES, load_uci_news
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.conftest import data_folder

FOLDER = "uci-news-aggregator"
NAMES = {"b": "business", "e": "entertainment", "m": "health", "t": "science/tech"}
KAGGLE = "uci-news-aggregator.csv"


def row(number, title=None, category=None, story=None):
    category = category or "betm"[number % 4]
    return [
        str(number),
        f'"Title" {number}, and more' if title is None else title,
        "http://x\\?a=1",
        "Reuters",
        category,
        f"story{number // 8}{category}" if story is None else story,
        "x",
        "1394470370698",
    ]


ROWS = [row(number) for number in range(80)]


def as_kaggle(rows, header=FIELDS):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode()


def as_uci(rows):
    return "".join("\t".join(fields) + "\n" for fields in rows).encode()


def zipped(content, name="newsCorpora.csv"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("readme.txt", "a readme")
        file.writestr(name, content)
    return buffer.getvalue()


def both(dataset):
    return [*dataset.train.itertuples(index=False), *dataset.test.itertuples(index=False)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (KAGGLE, as_kaggle(ROWS)),
        (f"{KAGGLE}.gz", gzip.compress(as_kaggle(ROWS), mtime=0)),
        ("newsCorpora.csv", as_uci(ROWS)),
        ("newsCorpora.csv", as_uci(ROWS).replace(b"\n", b"\r\n").removesuffix(b"\r\n")),
        ("news+aggregator.zip", zipped(as_uci(ROWS))),
        ("NewsAggregatorDataset.zip", zipped(as_uci(ROWS))),
    ],
)
def test_load_uci_news_of_each_format_returns_all_rows_with_their_story(folder, name, content):
    (folder / name).write_bytes(content)
    dataset = load_uci_news(folder.parent)
    assert tuple(dataset.train.columns) == COLUMNS
    expected = [(r[1], r[5], NAMES[r[4]], LABEL_NAMES.index(NAMES[r[4]])) for r in ROWS]
    assert sorted(both(dataset)) == sorted(expected)


def test_load_uci_news_drops_all_copies_of_a_title_that_occurs_more_than_once(folder):
    copies = [row(100, "twice", "b"), row(101, "twice", "e"), row(102, "Twice", "b")]
    (folder / KAGGLE).write_bytes(as_kaggle([*ROWS, *copies]))
    titles = [text for text, *_ in both(load_uci_news(folder.parent))]
    assert "twice" not in titles
    assert titles.count("Twice") == 1
    assert len(titles) == len(ROWS) + 1


def test_load_uci_news_tests_with_a_fifth_of_each_category_in_whole_stories(folder):
    (folder / KAGGLE).write_bytes(as_kaggle(ROWS))
    dataset = load_uci_news(folder.parent)
    assert not set(dataset.train["data_subject"]) & set(dataset.test["data_subject"])
    assert dict(dataset.test["label_names"].value_counts()) == dict.fromkeys(LABEL_NAMES, 4)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (KAGGLE, as_kaggle([]), "it has a header but no rows"),
        (KAGGLE, as_kaggle(ROWS, FIELDS[:-1]), "its columns are ID, TITLE"),
        (
            KAGGLE,
            as_kaggle([*ROWS, row(9, category="h")]),
            "the category of row 81 is unknown; expected b",
        ),
        (KAGGLE, as_kaggle([*ROWS, row(9, title=" ")]), "row 81 has no title"),
        (KAGGLE, as_kaggle([*ROWS, row(9, title="\u200b")]), "row 81 has no title"),
        (KAGGLE, as_kaggle([*ROWS, row(9, story="")]), "row 81 has no story"),
        (KAGGLE, as_kaggle(ROWS[:4]), "it has too few headlines of business, entertainment"),
        ("newsCorpora.csv", b"1\tno\n", "row 1 has 2 fields; expected 8"),
        ("newsCorpora.csv", as_kaggle(ROWS), "row 1 has 1 field; expected 8"),
        ("news+aggregator.zip", zipped(b"", "other"), "it does not contain newsCorpora.csv"),
    ],
)
def test_load_uci_news_of_an_invalid_file_says_why(folder, name, content, reason):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_uci_news(folder.parent)
    message = str(caught.value)
    assert message.startswith(f"{folder / name} is not the News Aggregator file: {reason}")
    assert message.endswith(f". Delete it and download {ARCHIVE.url} again.")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (KAGGLE, as_kaggle([*ROWS, ["1"]]), r"row 81 \(line 82\) has 1 field; expected 8"),
        (KAGGLE, as_kaggle(ROWS) + b"\xff", "line 82 is not utf-8"),
        ("newsCorpora.csv", b"", "is empty"),
        ("news+aggregator.zip", zipped(as_uci(ROWS))[:-30], "cannot be unpacked"),
    ],
)
def test_load_uci_news_of_a_broken_file_says_where(folder, name, content, reason):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=reason):
        load_uci_news(folder.parent)


def test_load_uci_news_without_a_file_lists_the_accepted_names(tmp_path):
    with pytest.raises(
        DataError, match=r"has no newsCorpora\.csv or .* or news\+aggregator\.zip\. Down"
    ):
        load_uci_news(tmp_path)


def test_generated_headlines_have_the_form_of_the_real_ones():
    dataset = generate_dataset("uci-news")
    assert set(dataset.train["label_names"]) == set(dataset.test["label_names"]) == set(LABEL_NAMES)
    assert not set(dataset.train["data_subject"]) & set(dataset.test["data_subject"])
    titles = [text for text, *_ in both(dataset)]
    assert len(set(titles)) == len(titles)
    assert dataset.train.equals(generate_dataset("uci-news").train)


def test_load_uci_news_of_the_real_file_has_all_categories_in_both_channels():
    dataset = load_uci_news(data_folder())
    assert not set(dataset.train["data_subject"]) & set(dataset.test["data_subject"])
    for name in LABEL_NAMES:
        train, test = (
            (frame["label_names"] == name).sum() for frame in (dataset.train, dataset.test)
        )
        assert 0.19 < test / (train + test) < 0.21

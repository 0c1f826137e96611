"""Headlines are read as UCI and as Kaggle publish them; no story is in both channels."""

import csv
import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.sources.published_text import csv_rows, tab_rows
from newsgroup_classifier.datasets.splits import draw_groups, draw_rows
from newsgroup_classifier.datasets.uci_news import ARCHIVE, FIELDS, LABEL_NAMES, load_uci_news
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.conftest import data_folder

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


@pytest.fixture
def folder(tmp_path):
    """Return the folder of the data set in an empty data folder."""
    found = tmp_path / "uci-news-aggregator"
    found.mkdir()
    return found


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
def test_load_uci_news_of_each_form_gives_all_rows_with_their_story(folder, name, content):
    (folder / name).write_bytes(content)
    dataset = load_uci_news(folder.parent)
    assert tuple(dataset.train.columns) == COLUMNS
    expected = [(r[1], r[5], NAMES[r[4]], LABEL_NAMES.index(NAMES[r[4]])) for r in ROWS]
    assert sorted(both(dataset)) == sorted(expected)


def test_titles_that_occur_more_than_once_are_dropped_with_all_copies(folder):
    copies = [row(100, "twice", "b"), row(101, "twice", "e"), row(102, "Twice", "b")]
    (folder / KAGGLE).write_bytes(as_kaggle([*ROWS, *copies]))
    titles = [text for text, *_ in both(load_uci_news(folder.parent))]
    assert "twice" not in titles
    assert titles.count("Twice") == 1
    assert len(titles) == len(ROWS) + 1


def test_no_story_is_in_both_channels_and_a_fifth_of_each_category_is_to_test_with(folder):
    (folder / KAGGLE).write_bytes(as_kaggle(ROWS))
    dataset = load_uci_news(folder.parent)
    assert not set(dataset.train["data_subject"]) & set(dataset.test["data_subject"])
    assert dict(dataset.test["label_names"].value_counts()) == dict.fromkeys(LABEL_NAMES, 4)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (KAGGLE, b"", "it is empty; expected ID, TITLE"),
        (KAGGLE, as_kaggle([]), "it has a header and no rows"),
        (KAGGLE, as_kaggle(ROWS, FIELDS[:-1]), "its first row is 'ID, TITLE"),
        (KAGGLE, as_kaggle([*ROWS, ["1"]]), "row 81 has 1 fields; expected ID"),
        (
            KAGGLE,
            as_kaggle([*ROWS, row(9, category="h")]),
            "row 81 has the category 'h'; expected b",
        ),
        (KAGGLE, as_kaggle([*ROWS, row(9, title=" ")]), "row 81 has no title"),
        (KAGGLE, as_kaggle([*ROWS, row(9, story="")]), "row 81 has no story"),
        (KAGGLE, as_kaggle(ROWS[:4]), "it has too few headlines of business, entertainment"),
        (KAGGLE, b"\xff", "byte 0 is 0xff, which is not UTF-8"),
        ("newsCorpora.csv", b"", "it is empty; expected ID"),
        ("newsCorpora.csv", b"1\tno\n", "row 1 has 2 fields; expected ID"),
        ("newsCorpora.csv", as_kaggle(ROWS), "row 1 has 1 fields; expected ID"),
        ("news+aggregator.zip", zipped(b"", "other"), "it holds no newsCorpora.csv"),
        ("news+aggregator.zip", zipped(as_uci(ROWS))[:-30], "it is no whole zip archive"),
        (f"{KAGGLE}.gz", gzip.compress(as_kaggle(ROWS), mtime=0)[:-9], "it is no whole gz archive"),
    ],
)
def test_load_uci_news_of_a_broken_file_says_why(folder, name, content, reason):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_uci_news(folder.parent)
    message = str(caught.value)
    assert message.startswith(f"{folder / name} is not the News Aggregator: {reason}")
    assert message.endswith(f". Delete it and fetch {ARCHIVE.url} again.")


def test_load_uci_news_without_a_file_names_all_that_would_do(tmp_path):
    with pytest.raises(DataError, match=r"news\+aggregator\.zip is missing, and so is newsCorpora"):
        load_uci_news(tmp_path)


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r"))


@given(st.lists(st.tuples(fields, fields, fields), min_size=1))
def test_rows_between_tabs_are_read_as_written(rows):
    text = "".join("\t".join(values) + "\n" for values in rows)
    assert tab_rows(text, ("a", "b", "c"), DataError) == [list(values) for values in rows]


@given(st.text())
def test_rows_of_any_text_are_rows_of_the_columns_or_a_data_error(text):
    for read in (tab_rows, csv_rows):
        try:
            rows = read(text, ("a", "b"), DataError)
        except DataError as error:
            assert "expected" in str(error) or "rows" in str(error) or "quotes" in str(error)
        else:
            assert all(len(values) == 2 for values in rows)


@given(st.lists(st.integers(0, 3)))
def test_a_fifth_of_each_label_is_drawn_and_the_same_each_time(labels):
    drawn = draw_rows(labels)
    assert drawn == draw_rows(labels)
    for label in set(labels):
        assert sum(labels[n] == label for n in drawn) == round(labels.count(label) * 0.2)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcdefgh"))))
def test_groups_are_drawn_whole_and_at_most_a_fifth_of_each_label(pairs):
    labels, groups = [label for label, _ in pairs], [f"{label}{group}" for label, group in pairs]
    drawn = draw_groups(labels, groups)
    assert drawn == draw_groups(labels, groups)
    tested = {groups[n] for n in drawn}
    assert drawn == {n for n, group in enumerate(groups) if group in tested}
    for label in set(labels):
        assert sum(labels[n] == label for n in drawn) <= round(labels.count(label) * 0.2)


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

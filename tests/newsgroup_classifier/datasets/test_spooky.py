"""The Spooky sentences are read from Kaggle's files and always split in the same way."""

import gzip
import io
import zipfile

import pytest

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.catalogue import generate_dataset, load_dataset
from newsgroup_classifier.datasets.spooky import AUTHORS, load_spooky
from newsgroup_classifier.errors import DataError, DataUnavailable
from tests.newsgroup_classifier.conftest import data_folder

FOLDER = "spooky-author-identification"
PAGE = "https://www.kaggle.com/c/spooky-author-identification/data"
ROWS = [(f"id{n:05}", f'Sentence "{n}", he said;\nno more.', AUTHORS[n % 3]) for n in range(60)]


def as_csv(rows):
    lines = [",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows]
    return "\n".join(['"id","text","author"', *lines, ""]).encode()


def zipped(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("train.csv", content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"), [("train.csv", bytes), ("train.csv.gz", gzip.compress), ("train.zip", zipped)]
)
def test_load_spooky_of_each_format_returns_all_rows(folder, name, pack):
    (folder / name).write_bytes(pack(as_csv(ROWS)))
    dataset = load_spooky(folder.parent)
    both = [*dataset.train.itertuples(index=False), *dataset.test.itertuples(index=False)]
    assert tuple(dataset.train.columns) == COLUMNS
    assert sorted(both) == sorted((text, "", name, AUTHORS.index(name)) for _, text, name in ROWS)


def test_load_spooky_splits_reproducibly_with_a_fifth_of_each_author_in_the_test_part(folder):
    (folder / "train.csv").write_bytes(as_csv(ROWS))
    dataset, again = load_spooky(folder.parent), load_spooky(folder.parent)
    assert dataset.train.equals(again.train)
    assert dict(dataset.test["label_names"].value_counts()) == dict.fromkeys(AUTHORS, 4)
    assert not set(dataset.train["data"]) & set(dataset.test["data"])


def test_load_spooky_without_the_file_names_page_and_folder(tmp_path):
    with pytest.raises(DataError) as caught:
        load_spooky(tmp_path)
    folder = tmp_path / "spooky-author-identification"
    assert str(caught.value) == (
        f"{folder} has no train.csv.gz or train.csv or train.zip. Log in at {PAGE}, download "
        "train.csv or train.zip, and put it there."
    )


def test_load_spooky_without_a_data_folder_is_unavailable(tmp_path, monkeypatch):
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataUnavailable, match="Log in at"):
        load_spooky()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("train.csv", b"", "is empty; expected"),
        ("train.csv", b"id,text,author\n1,a\n", "row 1 (line 2) has 2 fields; expected 3"),
        ("train.csv", b'id,text,author\n1,"a,EAP\n', "is not valid CSV (unexpected end of data)"),
        ("train.csv", b"id,text,author\n1,\xff,EAP\n", "line 2 is not utf-8 (byte 0xff)"),
        ("train.csv", b"\x89PNG\x00", "is a binary file"),
        ("train.csv.gz", b"no archive", "has one column"),
        ("train.csv.gz", gzip.compress(b"abc" * 99, mtime=0)[:-9], "cannot be unpacked"),
        ("train.zip", zipped(as_csv(ROWS))[:-30], "cannot be unpacked"),
    ],
)
def test_load_spooky_of_a_broken_file_says_why(folder, name, content, reason):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_spooky(folder.parent)
    assert str(caught.value).startswith(f"{folder / name}")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,text,author\n", "it has a header but no rows"),
        (b"id,text\n1,a\n", "its columns are id, text; expected id, text, author"),
    ],
)
def test_load_spooky_of_another_table_says_to_download_it_again(folder, content, reason):
    (folder / "train.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_spooky(folder.parent)
    path = folder / "train.csv"
    assert str(caught.value).startswith(f"{path} is not the CSV file from Kaggle: {reason}")
    assert str(caught.value).endswith(f" Download it again from {PAGE}.")


@pytest.mark.parametrize("count", [1, 4, 8])
def test_load_spooky_of_too_few_sentences_counts_them_per_author(folder, count):
    (folder / "train.csv").write_bytes(as_csv(ROWS[:count]))
    counts = [sum(row[2] == author for row in ROWS[:count]) for author in AUTHORS]
    actual = ", ".join(f"{n} by {author}" for n, author in zip(counts, AUTHORS, strict=True))
    with pytest.raises(DataError) as caught:
        load_spooky(folder.parent)
    assert f"({actual}); expected 3 or more by each author" in str(caught.value)


def test_load_spooky_of_three_sentences_per_author_tests_with_one_of_each(folder):
    (folder / "train.csv").write_bytes(as_csv(ROWS[:9]))
    dataset = load_spooky(folder.parent)
    assert sorted(dataset.test["label_names"]) == sorted(AUTHORS)


def test_load_spooky_with_another_author_names_the_row(folder):
    (folder / "train.csv").write_bytes(as_csv([*ROWS, ("id", "text", "MS")]))
    with pytest.raises(DataError, match="the author of row 61 is unknown; expected EAP, HPL, MWS"):
        load_spooky(folder.parent)


def test_load_spooky_of_the_real_file_has_all_authors_in_both_parts():
    data_folder()
    dataset = load_dataset("spooky")
    assert set(dataset.train["label_names"]) == set(dataset.test["label_names"]) == set(AUTHORS)
    assert 0.19 < len(dataset.test) / (len(dataset.train) + len(dataset.test)) < 0.21


def test_generated_sample_has_the_form_of_the_real_data():
    dataset = generate_dataset("spooky")
    assert tuple(dataset.train.columns) == COLUMNS
    assert set(dataset.train["label_names"]) == set(AUTHORS)
    assert dataset.train.equals(generate_dataset("spooky").train)

"""The Spooky sentences are read as Kaggle hands them out, and split the same way every time."""

import gzip
import io
import zipfile

import pytest

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.catalogue import generate_dataset, load_dataset
from newsgroup_classifier.datasets.spooky import AUTHORS, load_spooky, load_unlabelled, split_rows
from newsgroup_classifier.errors import DataError, DataUnavailable
from tests.newsgroup_classifier.conftest import data_folder

PAGE = "https://www.kaggle.com/c/spooky-author-identification/data"
ROWS = [(f"id{n:05}", f'Sentence "{n}", he said;\nno more.', AUTHORS[n % 3]) for n in range(60)]


def as_csv(rows, header=("id", "text", "author")):
    lines = [",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows]
    return "\n".join([",".join(f'"{name}"' for name in header), *lines, ""]).encode()


def zipped(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("train.csv", content)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Return the folder of the data set in an empty data folder."""
    found = tmp_path / "spooky-author-identification"
    found.mkdir()
    return found


@pytest.mark.parametrize(
    ("name", "pack"),
    [("train.csv", bytes), ("train.csv.gz", gzip.compress), ("train.zip", zipped)],
)
def test_load_spooky_of_each_form_gives_all_rows(folder, name, pack):
    (folder / name).write_bytes(pack(as_csv(ROWS)))
    dataset = load_spooky(folder.parent)
    both = [*dataset.train.itertuples(index=False), *dataset.test.itertuples(index=False)]
    assert tuple(dataset.train.columns) == COLUMNS
    assert sorted(both) == sorted((text, "", name, AUTHORS.index(name)) for _, text, name in ROWS)


def test_split_is_the_same_each_time_and_holds_a_fifth_of_each_author():
    rows = [(text, "", author, AUTHORS.index(author)) for _, text, author in ROWS]
    train, test = split_rows(rows)
    assert (train, test) == split_rows(rows)
    assert [sum(row[3] == label for row in test) for label in range(3)] == [4, 4, 4]
    assert not set(train) & set(test)


def test_load_spooky_without_the_file_names_page_and_folder(tmp_path):
    with pytest.raises(DataError) as caught:
        load_spooky(tmp_path)
    folder = tmp_path / "spooky-author-identification"
    assert str(caught.value) == (
        f"none of train.csv.gz, train.csv, train.zip is in {folder}. Log in at {PAGE}, fetch "
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
        ("train.csv", b"", "it is empty; expected id, text, author"),
        ("train.csv", b"id,text,author\n", "it has a header and no rows"),
        ("train.csv", b"id,text\n1,a\n", "its first row is 'id, text'; expected id, text, author"),
        ("train.csv", b"id,text,author\n1,a\n", "row 1 has 2 fields; expected id, text, author"),
        ("train.csv", b'id,text,author\n1,"a,EAP\n', "its quotes do not close: "),
        ("train.csv", b"id,text,author\n1,\xff,EAP\n", "byte 17 is 0xff, which is not UTF-8"),
        ("train.csv", b"\x89PNG\x00", "byte 0 is 0x89, which is not UTF-8"),
        ("train.csv.gz", b"no archive", "it is no whole gz archive"),
        ("train.csv.gz", gzip.compress(b"abc" * 99, mtime=0)[:-9], "it is no whole gz archive"),
        ("train.zip", b"no archive", "it is no whole zip archive"),
        ("train.zip", zipped(b"").replace(b"train.csv", b"other.csv"), "it holds no train.csv"),
    ],
)
def test_load_spooky_of_a_broken_file_says_why_and_to_fetch_it_again(folder, name, content, reason):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_spooky(folder.parent)
    message = str(caught.value)
    assert message.startswith(f"{folder / name} is not the CSV file that Kaggle gives: {reason}")
    assert message.endswith(f" Fetch it again from {PAGE}.")


@pytest.mark.parametrize("kept", [1, 4, 8])
def test_load_spooky_of_too_few_sentences_counts_them_by_author(folder, kept):
    (folder / "train.csv").write_bytes(as_csv(ROWS[:kept]))
    counts = [sum(row[2] == author for row in ROWS[:kept]) for author in AUTHORS]
    held = ", ".join(f"{n} by {author}" for n, author in zip(counts, AUTHORS, strict=True))
    with pytest.raises(DataError) as caught:
        load_spooky(folder.parent)
    assert f"({held}); expected 3 or more of each author" in str(caught.value)


def test_load_spooky_of_three_sentences_of_each_author_tests_with_one_of_each(folder):
    (folder / "train.csv").write_bytes(as_csv(ROWS[:9]))
    dataset = load_spooky(folder.parent)
    assert sorted(dataset.test["label_names"]) == sorted(AUTHORS)


def test_load_spooky_with_another_author_names_the_row(folder):
    (folder / "train.csv").write_bytes(as_csv([*ROWS, ("id", "text", "MS")]))
    with pytest.raises(DataError, match="row 61 is by 'MS'; expected EAP, HPL, MWS"):
        load_spooky(folder.parent)


def test_load_unlabelled_gives_the_texts(folder):
    (folder / "test.csv").write_bytes(as_csv([("id1", "a, b"), ("id2", "c")], ("id", "text")))
    assert load_unlabelled(folder.parent) == ["a, b", "c"]


def test_load_spooky_of_the_real_file_has_the_published_authors():
    data_folder()
    dataset = load_dataset("spooky")
    assert set(dataset.train["label_names"]) == set(dataset.test["label_names"]) == set(AUTHORS)
    assert 0.19 < len(dataset.test) / (len(dataset.train) + len(dataset.test)) < 0.21


def test_generated_sample_has_the_form_of_the_real_data():
    dataset = generate_dataset("spooky")
    assert tuple(dataset.train.columns) == COLUMNS
    assert set(dataset.train["label_names"]) == set(AUTHORS)
    assert dataset.train.equals(generate_dataset("spooky").train)

"""Channel files return the texts and labels that were written, whatever they contain."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsgroup_classifier.channels.texts import (
    COLUMNS,
    Channel,
    check_channels,
    frame_of,
    read_channel,
    write_channel,
)

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from('",\n\r\0 '))


def round_trip(frame):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "train.csv"
        write_channel(frame, path)
        return read_channel(path)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
@example([("NA", ""), ("", "NA"), ("nan", "null"), ("None", "-"), ("1.0", "0")])
@example([("a\rb", "\r"), ("a\r\nb", "\r\n"), ("\n", "\n\n"), ("a\0b", "\0")])
@example([('"', '""'), ('"a",b', ","), ("\ufeff", "\u2028"), (" a ", "\t")])
@settings(max_examples=150)
def test_channel_with_any_texts_and_subjects_is_read_as_written(rows):
    frame = frame_of([(*row, f"n{number % 2}", number % 2) for number, row in enumerate(rows)])
    channel = round_trip(frame)
    assert channel.texts == list(frame["data"])
    assert channel.subjects == list(frame["data_subject"])
    assert channel.labels == list(frame["label"])


@given(TEXTS.filter(bool), TEXTS.filter(bool))
@settings(max_examples=50)
def test_channel_with_any_label_names_is_read_as_written(name, other):
    if name == other:
        other += "'"
    channel = round_trip(frame_of([("a", "s", name, 1), ("b", "s", other, 0)]))
    assert channel.label_names == (other, name)


def test_channel_with_a_long_text_is_read_as_written():
    text = "a, b\n" * 100_000
    assert round_trip(frame_of([(text, "", "n", 0)])).texts == [text]


def test_channel_of_the_sample_is_read_as_written(sample, sample_channels):
    channel = read_channel(sample_channels / "train" / "train.csv")
    assert channel.texts == list(sample.train["data"])
    assert channel.labels == list(sample.train["label"])
    assert list(channel.label_names) == sorted(set(sample.train["label_names"]))


def test_channel_of_the_real_posts_is_read_as_written(real_dataset):
    channel = round_trip(real_dataset.test)
    assert channel.texts == list(real_dataset.test["data"])
    assert channel.labels == list(real_dataset.test["label"])


def test_write_channel_writes_the_columns_in_order_without_an_index(tmp_path):
    path = tmp_path / "train.csv"
    write_channel(frame_of([("a", "s", "n", 0)])[list(reversed(COLUMNS))], path)
    assert path.read_bytes() == b'"data","data_subject","label_names","label"\n"a","s","n",0\n'


def test_write_channel_over_an_older_file_replaces_it_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("older")
    write_channel(frame_of([("a", "s", "n", 0)]), path)
    assert read_channel(path).texts == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


@pytest.mark.parametrize(
    "content",
    [
        "data,data_subject,label_names,label\nx,s,n,0\n",
        "data,data_subject,label_names,label\r\nx,s,n,0\r\n",
        "data,data_subject,label_names,label\n\nx,s,n,0\n\n",
        "data,data_subject,label_names,label\nx,s,n,0",
        "label,label_names,data_subject,data\n0,n,s,x\n",
        "data,data_subject,more,label_names,label\nx,s,y,n,0\n",
        "\ufeffdata,data_subject,label_names,label\nx,s,n,0\n",
        '"data","data_subject","label_names","label"\n"x","s","n","0"\n',
    ],
    ids=["plain", "CRLF", "blank lines", "no end", "other order", "more columns", "BOM", "quoted"],
)
def test_read_channel_from_other_csv_writers_gives_the_same_rows(tmp_path, content):
    path = tmp_path / "train.csv"
    path.write_text(content, encoding="utf-8", newline="")
    assert read_channel(path) == Channel(["x"], [0], ("n",), ["s"])


def test_check_channels_with_matching_channels_accepts_them():
    train = Channel(["x", "y", "z"], [0, 1, 2], ("a", "b", "c"))
    check_channels(train, train)
    check_channels(train, Channel(["x"], [1], ("", "b")))  # with fewer labels

"""An invalid channel is refused with a message that names the file, the row, and the reason."""

import re

import pytest

from newsgroup_classifier.channels.texts import Channel, channel_file, check_channels, read_channel
from newsgroup_classifier.errors import DataError

HEADER = "data,data_subject,label_names,label\n"
GOOD = "x,s,a,0\ny,s,b,1\n"


def refusal(tmp_path, content):
    """Return the error message of reading a channel with this content."""
    path = tmp_path / "train.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        read_channel(path)
    return str(caught.value)


def test_read_channel_of_a_missing_file_names_file_and_folder(tmp_path):
    message = re.escape(f"train.csv is missing in the channel folder {tmp_path}")
    with pytest.raises(DataError, match=message):
        read_channel(tmp_path / "train.csv")


def test_read_channel_of_a_folder_says_that_the_file_is_missing(tmp_path):
    (tmp_path / "train.csv").mkdir()
    with pytest.raises(DataError, match=r"train\.csv is missing"):
        read_channel(tmp_path / "train.csv")


@pytest.mark.parametrize(
    ("others", "named"),
    [
        (["part-2.csv"], "part-2.csv"),
        (["d.csv", "c.csv", "b.csv", "a.csv", "e.csv"], "a.csv, b.csv, c.csv and 2 more"),
    ],
)
def test_channel_file_next_to_other_csv_files_is_refused_because_they_would_not_be_read(
    tmp_path, others, named
):
    for name in ("train.csv", *others):
        (tmp_path / name).write_text(HEADER + GOOD)
    with pytest.raises(DataError) as caught:
        channel_file(tmp_path, "train.csv")
    assert str(caught.value) == (
        f"the channel folder {tmp_path} has CSV files in addition to train.csv that would not be "
        f"read: {named}. Put all rows into train.csv, or train with --input-mode Pipe, which reads "
        "all files, if the recipe supports reading=stream."
    )


def test_channel_file_next_to_files_that_have_none_of_its_rows_is_accepted(tmp_path):
    for name in ("train.csv", "test.csv", "train.npz", "notes.txt", "._train.csv", "old/a.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HEADER + GOOD)
    assert channel_file(tmp_path, "train.csv") == tmp_path / "train.csv"


def test_read_channel_without_a_label_column_names_it_and_the_actual_columns(tmp_path):
    message = refusal(tmp_path, "data,data_subject,label_names\nx,s,a\n")
    assert "train.csv has no column label; it has data, data_subject, label_names" in message


def test_read_channel_without_a_header_names_the_expected_columns(tmp_path):
    assert refusal(tmp_path, GOOD) == NO_HEADER


POST = "From: mathew <mathew@example.com>\nSubject: a secret\n" + "and more " * 1300
NO_HEADER = (
    "train.csv has no column data, data_subject, label_names, label; its first line is not a "
    "header. Expected: data, data_subject, label_names, label."
)


def test_read_channel_without_a_header_does_not_show_the_first_post(tmp_path):
    assert refusal(tmp_path, f'"{POST}",s,alt.atheism,0\n' + GOOD) == NO_HEADER


def test_read_channel_with_a_post_as_a_column_name_does_not_show_it(tmp_path):
    message = refusal(tmp_path, f'data,"{POST}",label_names\nx,s,a\n')
    assert "no column data_subject, label; it has data, label_names (1 not shown)." in message


def test_read_channel_with_many_wrong_columns_shows_the_first_ten(tmp_path):
    message = refusal(tmp_path, ",".join(["data", *(f"c{n}" for n in range(2, 400))]) + "\n")
    assert "it has data, c2, c3, c4, c5, c6, c7, c8, c9, c10 (389 not shown)." in message


def test_read_channel_with_a_row_of_another_width_shows_the_first_ten_columns(tmp_path):
    wide = HEADER.strip() + "," + ",".join(f"c{n}" for n in range(5, 400))
    message = refusal(tmp_path, wide + "\nx,s,a,0\n")
    assert message.endswith(
        "expected 399 (data, data_subject, label_names, label, c5, c6, c7, c8, c9, c10 "
        "(389 not shown))."
    )


def test_read_channel_with_a_post_as_a_label_names_row_and_column(tmp_path):
    message = refusal(tmp_path, HEADER + f'x,s,a,"{POST}"\n')
    assert message == (
        f"train.csv: the column label of row 1 has {len(POST)} characters and is not a label; "
        "expected a whole number of 0 or more."
    )


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (Channel(["x"], [0], (POST,)), Channel([], [], ())),
        (Channel(["x", "y"], [0, 1], ("a", "b")), Channel([], [], (POST,))),
    ],
)
def test_check_channels_with_a_post_as_a_label_name_shows_its_number(train, test):
    with pytest.raises(DataError, match=r"label 0\b") as caught:
        check_channels(train, test)
    assert "mathew" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"], ids=["empty", "blank", "BOM"])
def test_read_channel_of_an_empty_file_says_so(tmp_path, content):
    columns = HEADER.strip().replace(",", ", ")
    assert refusal(tmp_path, content) == f"train.csv is empty. Expected the columns {columns}."


def test_read_channel_with_only_a_header_says_that_there_are_no_rows(tmp_path):
    assert "train.csv has a header but no rows" in refusal(tmp_path, HEADER)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (GOOD + "z,s,a\n", "train.csv: row 3 has 3 fields; expected 4"),
        (GOOD + "z, and more,s,a,0\n", "train.csv: row 3 has 5 fields; expected 4"),
        ("x,a,0\ny,b,1\n", "row 1 has 3 fields; expected 4"),
        ("0,x,s,a,0\n1,y,s,b,1\n", "row 1 has 5 fields; expected 4"),
        (GOOD + '"z,s,a,0\n', "not a valid channel CSV file: row 3: unexpected end of data"),
        ('"x" y,s,a,0\n', "not a valid channel CSV file: row 1"),
        ("x,s,a,0\ny,s,,1\n", "train.csv: row 2 has no label name."),
        (GOOD + "z,s,c,1\n", "labels and label names do not correspond one to one."),
        (GOOD + "z,s,b,2\n", "labels and label names do not correspond one to one."),
    ],
)
def test_read_channel_with_invalid_rows_names_the_first_and_the_reason(tmp_path, rows, reason):
    assert reason in refusal(tmp_path, HEADER + rows)


def test_read_channel_of_latin_1_says_it_is_not_utf_8(tmp_path):
    message = refusal(tmp_path, (HEADER + "caf\xe9,s,a,0\n").encode("latin-1"))
    assert message.startswith("train.csv is not UTF-8 text")
    assert "0xe9" in message


def test_read_channel_of_utf_16_says_it_is_not_utf_8(tmp_path):
    assert "is not UTF-8 text" in refusal(tmp_path, (HEADER + GOOD).encode("utf-16"))


@pytest.mark.parametrize("label", ["", "b", "-1", "1.0", "1e3", " 1", "\u0661", "9999999"])
def test_read_channel_with_a_label_that_is_not_a_number_names_row_and_column(tmp_path, label):
    message = refusal(tmp_path, HEADER + f"x,s,a,0\ny,s,b,{label}\n")
    actual = f"has {len(label)} characters" if label else "is empty"
    assert message == (
        f"train.csv: the column label of row 2 {actual} and is not a label; "
        "expected a whole number of 0 or more."
    )


def test_check_channels_with_one_class_names_it():
    only = Channel(["x"], [0], ("a",))
    with pytest.raises(DataError, match=r"only one class \(label 0\); a classifier needs two"):
        check_channels(only, only)


def test_check_channels_with_gaps_in_the_labels_names_them():
    train = Channel(["x", "y"], [0, 3], ("a", "", "", "d"))
    with pytest.raises(DataError, match=r"no examples of the labels 1, 2; .* without gaps"):
        check_channels(train, train)


def test_check_channels_with_many_gaps_names_the_first_five():
    train = Channel(["x", "y"], [0, 9], ("a", *[""] * 8, "j"))
    with pytest.raises(DataError, match=r"labels 1, 2, 3, 4, 5, \.\.\.; "):
        check_channels(train, train)


@pytest.mark.parametrize("names", [("a", "b", "c"), ("a", "c"), ("b", "a")])
def test_check_channels_with_an_unknown_test_label_names_it(names):
    train = Channel(["x", "y"], [0, 1], ("a", "b"))
    unknown = next(pair for pair in enumerate(names) if pair not in {(0, "a"), (1, "b")})
    expected = f"the test channel has a label name for label {unknown[0]} that the train channel"
    with pytest.raises(DataError, match=expected):
        check_channels(train, Channel([], [], names))

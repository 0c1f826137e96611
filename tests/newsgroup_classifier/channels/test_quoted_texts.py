"""No message about an invalid channel quotes its texts, wherever they are in the file."""

import csv
import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsgroup_classifier.channels.images import read_image_channel
from newsgroup_classifier.channels.texts import check_channels, read_channel
from newsgroup_classifier.datasets.spooky import load_spooky
from newsgroup_classifier.datasets.subreddits import load_subreddits
from newsgroup_classifier.datasets.uci_news import load_uci_news
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.training.program import run_program

SECRET = "Dallow\u00e4y"  # not an identifier, which a message may show
ROWS = [
    ["data", "data_subject", "label_names", "label"],
    ["one", "s", "a", "0"],
    ["two", "s", "b", "1"],
    ["three", "s", "b", "1"],
]
VARIANTS = [
    "{}",
    "Mrs. {} said she would buy the flowers herself",
    "'{}'",
    '"{} the flowers',
    "{},",
    "{}\n{}",
    "{}\x00",
    "1 {}",
    "9{}",
]


def written(rows, quoting):
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, escapechar="\\", quotechar='"')
    writer.writerows(rows)
    return text.getvalue().encode()


@st.composite
def channel_files(draw):
    """Return a channel file with a text in any cell, and possibly with another fault."""
    rows = [list(row) for row in ROWS]
    for _ in range(draw(st.integers(1, 3))):
        row, column = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        variant = draw(st.sampled_from(VARIANTS)).replace("{}", SECRET)
        rows[row][column] = variant
    if draw(st.booleans()):
        del rows[draw(st.integers(0, 3))]
    content = written(rows, draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONE])))
    cut = draw(st.integers(0, len(content)))
    damage = draw(st.sampled_from([b"", b'"', b"\xff", b",", b"\r", b"\n"]))
    return content[:cut] + damage + content[cut:]


def shown(content, folder, capsys):
    """Return what a training program prints and writes about a train channel with this content."""
    (folder / "train.csv").write_bytes(content)
    (folder / "test.csv").write_bytes(written(ROWS, csv.QUOTE_ALL))

    def work():
        check_channels(read_channel(folder / "train.csv"), read_channel(folder / "test.csv"))

    run_program(work, {"SM_OUTPUT_DATA_DIR": str(folder / "output" / "data")})
    failure = folder / "output" / "failure"
    return "".join(capsys.readouterr()) + (failure.read_text() if failure.exists() else "")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(channel_files())
def test_a_text_in_any_cell_of_a_channel_is_in_no_message(tmp_path, capsys, content):
    assert SECRET not in shown(content, tmp_path, capsys)


@pytest.mark.slow
@settings(max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(channel_files())
def test_a_text_in_any_cell_of_many_channels_is_in_no_message(tmp_path, capsys, content):
    assert SECRET not in shown(content, tmp_path, capsys)


def test_a_text_in_the_label_column_is_named_by_row_and_column(tmp_path, capsys):
    rows = [*ROWS, ["four", "s", "b", f"Mrs. {SECRET} said"]]
    assert shown(written(rows, csv.QUOTE_ALL), tmp_path, capsys).startswith(
        "error: train.csv: the column label of row 4 has 18 characters and is not a label; "
        "expected a whole number of 0 or more."
    )


@pytest.mark.parametrize(
    "arrays",
    [
        {f"{SECRET} and the flowers": np.zeros(3)},
        {"images": np.zeros(3, [(f"{SECRET} field", "<f8")])},
        {"images": np.array([f"{SECRET} as an image"])},
        {"images": np.array([{SECRET: 1}], dtype=object)},
    ],
)
def test_a_text_in_an_image_channel_is_in_no_message(tmp_path, arrays):
    whole = {
        "images": np.zeros((2, 28, 28), "uint8"),
        "labels": np.array([0, 1]),
        "label_names": np.array([f"{SECRET} the first", ""]),
    }
    chosen = arrays if len(arrays) == 1 and "images" not in arrays else whole | arrays
    np.savez(tmp_path / "train.npz", **chosen)
    with pytest.raises(DataError) as caught:
        read_image_channel(tmp_path / "train.npz")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("load", "file", "content"),
    [
        (load_spooky, "train.csv", "id,text,author\n1,some text,Mrs. {}\n"),
        (load_spooky, "train.csv", "id,Mrs. {} said,author\n1,some text,EAP\n"),
        (load_uci_news, "newsCorpora.csv", "1\ttitle\turl\tpublisher\tMrs. {}\tstory\thost\t9\n"),
        (load_subreddits, "posts.csv", "Mrs. {} said,subreddit_name\n"),
    ],
)
def test_a_text_in_the_file_of_a_data_set_is_in_no_message(tmp_path, load, file, content):
    (tmp_path / file).write_text(content.replace("{}", SECRET))
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert SECRET not in str(caught.value)

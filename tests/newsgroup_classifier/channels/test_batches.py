"""Reading a channel in batches gives the same rows as reading it whole."""

import csv
import io
import os
import threading
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.channels import batches as channel_batches
from newsgroup_classifier.channels.batches import COLUMNS, Batch, read_batches
from newsgroup_classifier.channels.texts import read_channel
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.training.streaming.passes import ChannelPasses

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from('",\n\r\0 '), max_size=30)
HEADER = "data,data_subject,label_names,label\n"


def written(rows, quoting=csv.QUOTE_ALL) -> bytes:
    """Return the bytes of a channel file with these texts and labels."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=quoting, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([text, "s", f"n{label}", label] for text, label in rows)
    return file.getvalue().encode()


def whole(batches) -> Batch:
    joined = Batch()
    for batch in batches:
        joined.extend(batch)
    return joined


def through_a_pipe(folder, chunks):
    """Return the rows read from a pipe to which a thread writes in chunks."""
    pipe = folder / "train_0"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)

    def write():
        with pipe.open("wb", buffering=0) as file:
            for chunk in chunks:
                file.write(chunk)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return whole(read_batches(pipe, joined=True))
    finally:
        writer.join()


@given(st.lists(st.tuples(TEXTS, st.integers(0, 3)), min_size=1, max_size=12), st.data())
@settings(max_examples=100)
def test_stream_written_in_any_chunks_has_the_rows_of_the_file(tmp_path_factory, rows, data):
    folder = tmp_path_factory.getbasetemp()
    content = written(rows)
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=5))
    places = [0, *sorted(cuts), len(content)]
    streamed = through_a_pipe(folder, [content[a:b] for a, b in pairwise(places)])
    (folder / "train.csv").write_bytes(content)
    read = read_channel(folder / "train.csv")
    assert (streamed.texts, streamed.labels) == (read.texts, read.labels)
    assert streamed.texts == [text for text, _ in rows]


@given(st.lists(st.tuples(TEXTS, st.integers(0, 3)), min_size=1, max_size=9), st.integers(1, 4))
@settings(max_examples=50)
def test_batches_of_any_size_have_the_same_rows(tmp_path_factory, rows, size):
    path = tmp_path_factory.getbasetemp() / "sized.csv"
    path.write_bytes(written(rows))
    batches = list(read_batches(path, size))
    assert [len(batch.texts) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert whole(batches).texts == [text for text, _ in rows]


def test_batch_ends_with_the_row_that_reaches_the_character_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(channel_batches, "_BATCH_CHARACTERS", 1000)
    path = tmp_path / "long.csv"
    path.write_bytes(written([("x" * 400, 0)] * 8 + [("y" * 3000, 1)] * 2))
    assert [len(batch.texts) for batch in read_batches(path)] == [3, 3, 3, 1]


@pytest.mark.parametrize("column", ["data", "data_subject"])
def test_reading_long_rows_needs_the_memory_of_one_batch(tmp_path, column):
    path, row = tmp_path / "long.csv", dict.fromkeys(COLUMNS, "0") | {column: 2**20 * "x"}
    line = ",".join(row.values()) + "\n"
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(line for _ in range(60))
    tracemalloc.start()
    try:
        assert sum(len(batch.texts) for batch in read_batches(path)) == 60
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * channel_batches._BATCH_CHARACTERS  # the previous batch is still in memory


def test_pipe_without_a_writer_times_out(tmp_path, monkeypatch):
    monkeypatch.setattr(channel_batches, "PIPE_SECONDS", 0.2)
    os.mkfifo(tmp_path / "train_0")
    passes = ChannelPasses(tmp_path / "train", "train.csv", piped=True)
    with pytest.raises(DataError, match=r"no process has written to the pipe .*train_0 in 0.2 sec"):
        whole(passes.batches())


def test_pipe_that_is_closed_without_content_is_an_empty_channel(tmp_path):
    with pytest.raises(DataError, match="train_0 is empty"):
        through_a_pipe(tmp_path, [])


def test_pipe_without_a_header_does_not_show_its_first_post(tmp_path):
    with pytest.raises(DataError) as caught:
        through_a_pipe(tmp_path, [b'"From: mathew <mathew@example.com>",s,alt.atheism,0\n'])
    assert "label; its first line is not a header. Expected: data," in str(caught.value)
    assert "mathew" not in str(caught.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_stream_of_several_files_skips_their_headers(tmp_path, mark):
    first, second = written([("a", 0), ("b", 1)]), written([("c", 2)])
    empty = HEADER.encode()
    read = through_a_pipe(tmp_path, [mark + first, mark + second, mark + empty, mark + first])
    assert read.texts == ["a", "b", "c", "a", "b"]
    assert read.labels == [0, 1, 2, 0, 1]


def test_single_file_with_a_repeated_header_is_refused(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(HEADER + "x,s,a,0\n" + HEADER)
    with pytest.raises(DataError, match="the column label of row 2 has 5 characters"):
        read_channel(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x,s,a\n", "row 5001 has 3 fields; expected 4"),
        ("x,s,a,seven\n", "the column label of row 5001 has 5 characters"),
        ("x,s,,1\n", "row 5001 has no label name"),
        ('"x" y,s,a,0\n', "not a valid channel CSV file: row 5001"),
        ("x,s,other,0\n", "labels and label names do not correspond"),
    ],
)
def test_invalid_row_in_the_middle_of_a_stream_is_named_by_its_number(tmp_path, row, message):
    content = HEADER + "x,s,a,0\n" * 5000 + row + "x,s,a,0\n" * 5000
    (tmp_path / "train.csv").write_text(content)
    passes = ChannelPasses(tmp_path, "train.csv", piped=False)
    with pytest.raises(DataError, match=message):
        whole(passes.batches())


@given(st.integers(0, 60_000), st.booleans(), st.booleans())
@settings(max_examples=40)
def test_byte_that_is_not_utf_8_is_named_with_a_row_before_it(
    tmp_path_factory, before, marked, cut
):
    folder = tmp_path_factory.mktemp("bytes")
    start = b"\xef\xbb\xbf" * marked + HEADER.encode() + b"x,s,a,0\n" + b"\xc3\xa9" * before
    content = start + (b"\xe2\x82" if cut else b"caf\xe9,s,a,0\n")
    (folder / "train.csv").write_bytes(content)
    message = f"is not UTF-8 text: a byte after row [01] is 0x{'e2' if cut else 'e9'} "
    with pytest.raises(DataError, match=f"^train.csv {message}"):
        read_channel(folder / "train.csv")
    with pytest.raises(DataError, match=f"^train_0 {message}"):
        through_a_pipe(folder, [content])


def test_stream_that_ends_within_a_row_is_refused(tmp_path):
    with pytest.raises(DataError, match="row 2: unexpected end of data"):
        through_a_pipe(tmp_path, [written([("a", 0), ("b, and more", 1)])[:-12]])


def test_pass_with_fewer_rows_than_the_previous_one_is_refused(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(written([("a", 0), ("b", 1)]))
    passes = ChannelPasses(tmp_path, "train.csv", piped=False)
    whole(passes.batches())
    path.write_bytes(written([("a", 0)]))
    with pytest.raises(DataError, match=r"has 1 rows, but the previous pass had 2"):
        whole(passes.batches())


def test_pass_with_a_label_that_is_new_is_refused(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(written([("a", 0), ("b", 1)]))
    passes = ChannelPasses(tmp_path, "train.csv", piped=False)
    whole(passes.batches())
    path.write_bytes(written([("a", 0), ("b", 2)]))
    with pytest.raises(DataError, match="has labels that were not in the previous pass"):
        whole(passes.batches())

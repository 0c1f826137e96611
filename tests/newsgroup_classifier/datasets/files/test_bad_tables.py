"""A table that cannot be read is refused in one line: where, and what to do, but no text."""

import os
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsgroup_classifier.datasets.files import tables
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.bad_files import check_refusal, file, write
from tests.newsgroup_classifier.datasets.files.own_files import TICKETS, prepare, write_csv

MIXED = b"body,queue\nfirst,a\nsecond,b\n" + "für,a\n".encode("latin-1")


def pipe(folder):
    os.mkfifo(folder / "x.csv")
    return folder / "x.csv"


def parquet(names, *columns):
    """Return a function that writes a Parquet file of columns into a folder."""
    table = pa.Table.from_arrays(list(map(pa.array, columns)), names)

    def write_table(folder):
        pq.write_table(table, folder / "x.parquet")
        return folder / "x.parquet"

    return write_table


BAD = {
    "pipe": (pipe, r"x\.csv is a pipe or a device, and the data is read several times; write it"),
    "Parquet with a name for two columns": (
        parquet(["body", "queue", "queue"], ["x", "y"], ["a", "b"], [[1], [2]]),
        "has 2 columns with the name 'queue'; expected different names",
    ),
    "Parquet without texts": (
        parquet(["body", "queue"], [[1]], [[2]]),
        r"with names of these: none\. Not usable: 'body' \(list<\w+: int64> values\); 'queue'",
    ),
    "missing": (lambda f: f / "none.csv", r"none\.csv does not exist; expected a CSV"),
    "empty": (file(b""), r"x\.csv is empty; expected"),
    "only white space": (file("\n \n"), "is empty; expected a header"),
    "only a header": (file("body,queue\n"), "has no rows; expected"),
    "binary": (
        file(b"\x7fELF\2\1\1\0\0\0\0abcdefghijklmnop"),
        r"is a binary file \(byte 7 is 0x00\); expected a CSV, TSV",
    ),
    "UTF-16 of Chinese without a mark": (
        file(("body,queue\n" + "发动机和车轮,甲\n" * 300).encode("utf-16-le")),
        r"is a binary file .* If it is text in UTF-16, pass --encoding utf-16-le or utf-16-be",
    ),
    "wrong delimiter": (
        file("body:queue\nsome text:a\nother text:b\n"),
        "has one column; expected two or more that are separated by commas, semicolons, tabs, or",
    ),
    "ragged row": (
        file("body,queue\nx,a\n" + "z,b\n" * 300 + "x,y,z\n"),
        r"row 302 \(line 303\) has 3 fields; expected 2. Put fields that contain a comma",
    ),
    "open quote": (file('body,queue\nx,a\n"z,b\n'), r"record 3 \(at line 3\) is not valid CSV"),
    "row of 16 MB": (
        lambda f: write(f / "x.csv", f"body,queue\nx,a\n{'x' * 2**24},b\n"),
        r"record 3 \(at line 3\) has a field of more than 5,000,000 characters",
    ),
    "line of 64 MB": (
        lambda f: write(f / "x.jsonl", '{"body": "x", "queue": "a"}\n' + "{" + " " * 2**25),
        "line 2 has 30,000,000 characters or more; shorten it",
    ),
    "mixed encodings": (
        file(MIXED),
        r"line 4 is not utf-8 \(byte 0xfc\); save the whole file as UTF-8, or pass "
        "--encoding latin-1 or cp1252",
    ),
    "mixed encodings far down": (
        file(b"body,queue\n" + b"text,a\n" * 20_000 + b"\xff,b\n"),
        r"line 20002 is not utf-8 \(byte 0xff\)",
    ),
    "broken JSON line": (
        file('{"body": "x", "queue": "a"}\n\n{"body": x}\n', "x.jsonl"),
        r"line 3 is not valid JSON \(Expecting value, character 10\)",
    ),
    "JSON key twice": (
        file('{"body": "x", "queue": "a"}\n{"body": "x", "queue": "a", "queue": "b"}', "x.jsonl"),
        "line 2 has an object with the same key twice; expected each key once",
    ),
    "deep JSON": (
        file('{"a":' * 100_000, "x.jsonl"),
        r"line 1 is not valid JSON \(it is nested too deeply\)",
    ),
    "JSON array": (
        file('[{"body": "x", "queue": "a"}]', "x.json"),
        "line 1 is a list; expected one JSON object per line",
    ),
    "half a surrogate pair": (
        file('{"body": "x", "queue": "a"}\n{"body": "\\ud83d", "queue": 1}', "x.jsonl"),
        "line 2: 'body' has half of a surrogate pair",
    ),
    "damaged Parquet": (file(b"PAR1" + b"x" * 100, "x.parquet"), "is not a complete Parquet file"),
}


@pytest.mark.parametrize("name", BAD)
def test_table_that_cannot_be_read_is_refused_in_one_plain_line(tmp_path, name):
    check_refusal(tmp_path, *BAD[name])


def test_file_that_changes_between_the_passes_is_refused(tmp_path):
    path = write_csv(tmp_path / "tickets.csv")
    own = prepare(path)
    write_csv(path, TICKETS[:-1])
    with pytest.raises(DataError, match="changed while it was read"):
        own.write(tmp_path / "channels")
    assert not list((tmp_path / "channels").glob("*"))


@pytest.mark.parametrize("line", ["x" * 20_000_000, "x," * 10_000_000, '"' + '""' * 10_000_000])
def test_csv_without_line_ends_is_refused_in_bounded_memory(line, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "LONGEST", 10_000)
    path = tmp_path / "x.csv"
    path.write_text(f"body,queue\nx,a\n{line}")
    tracemalloc.start()
    with pytest.raises(DataError, match="line 3 has 60,000 characters or more; shorten it"):
        prepare(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(line) / 8

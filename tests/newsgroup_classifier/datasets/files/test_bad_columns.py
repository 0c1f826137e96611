"""Columns without usable texts or labels are refused with what they hold, but no text."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsgroup_classifier.datasets.files import scanning, tables
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.bad_files import (
    SECRET,
    check_refusal,
    file,
    many,
    write,
)
from tests.newsgroup_classifier.datasets.files.own_files import TICKETS, prepare, write_csv


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


BAD = {
    "duplicate columns": (
        file("body,queue,body\nx,a,y\nz,b,w\n"),
        "has 2 columns with the name 'body'; expected different names",
    ),
    "missing column": (
        file("body,queue,id\nx,a,1\nz,b,2\n"),
        (
            r"has no column 'boddy' \(--text\); did you mean body\? Columns: 'body' \(2 different "
            r"values, 1 character\); 'queue' .*; 'id' \(2 different values, numbers,"
        ),
        {"text": "boddy"},
    ),
    "columns that cannot be guessed": (
        file(f"one,two,three\n{SECRET},a,1\n{SECRET} 2,b,2\n"),
        r"pass --text and --label with names of these: 'one' \(2 different values, 24 to 26 char",
    ),
    "one class": (
        file("body,queue\nx,a\ny,a\n"),
        "column 'queue' has only one class, 'a'; expected two or more classes",
    ),
    "class with one row": (
        file("body,queue\nx,a\ny,a\nz,b\nw,c\nv,c\n"),
        "column 'queue' has 1 class with a single row: 'b'; expected 2 or more rows of each",
    ),
    "class with one row that is not a repeated one": (
        file("body,queue\n" + "x,a\nx,b\n" * 5),
        "2 classes with a single row after dropping 8 empty or repeated rows: 'a', 'b'; exp",
    ),
    "10,001 classes": (
        lambda f: write(f / "x.csv", many(10_001, copies=3)),
        "column 'queue' has more than 10,000 classes; expected at most 10,000",
    ),
    "label of free text": (
        lambda f: write(f / "x.csv", many(200, label=f"{SECRET} {{}}")),
        "column 'queue' looks like free text, not like labels: it has 200 different values",
        {"text": "body", "label": "queue"},
    ),
    "long label": (
        lambda f: write(f / "x.csv", many(20, label="word " * 50, copies=2)),
        "looks like free text, not like labels: it has 1 different value, of up to 250 char",
    ),
    "text of numbers": (
        lambda f: write(f / "x.csv", many(20, text="{}.5", copies=3)),
        "column 'body' holds no text but numbers; pass another column with --text",
    ),
    "texts that are all empty": (
        file("body,queue\n" + ",a\n,b\n" * 5),
        "column 'body' holds no text at all; pass another column with --text",
    ),
    "text that is an object in one line": (
        file('{"text": {}, "label": "a"}\n{"text": "x", "label": "b"}', "x.jsonl"),
        r"cannot be guessed .*: 'label' \(.*\)\. Not usable: 'text' \(object values\)$",
    ),
    "JSON list as text": (
        file('{"body": ["x"], "queue": "a"}\n', "x.jsonl"),
        "column 'body' holds list values; expected texts or numbers",
        {"text": "body"},
    ),
    "Parquet without text columns": (
        lambda f: parquet(f / "x.parquet", body=[b"x", b"y"], queue=["a", "b"]),
        "column 'body' holds binary values; expected texts or numbers",
        {"text": "body"},
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_column_that_is_not_usable_is_refused_in_one_plain_line(tmp_path, name):
    check_refusal(tmp_path, *BAD[name])


def test_test_file_with_other_classes_is_refused(tmp_path):
    test = write_csv(tmp_path / "test.csv", [*TICKETS, ("text", "unknown")])
    with pytest.raises(DataError, match=r"test\.csv has 1 class that .* does not have: 'unknown'"):
        prepare(write_csv(tmp_path / "train.csv"), test=test)


def test_longest_text_is_at_the_limit(tmp_path, monkeypatch):
    for module in (tables, scanning):
        monkeypatch.setattr(module, "LONGEST", 100)
    rows = [(f"{number}{'x' * 99}", "ab"[number % 2]) for number in range(8)]
    assert prepare(write_csv(tmp_path / "a.csv", rows)).report["lengths"]["longest"] == 100
    with pytest.raises(
        DataError, match=r"row 1 has a text of 1\d\d characters; expected at most 100"
    ):
        prepare(
            write_csv(
                tmp_path / "b.csv", [(a, "t", b) for a, b in rows], ("text", "title", "label")
            ),
            title="title",
        )


def test_report_of_a_file_has_no_text(tmp_path):
    rows = [(f"{SECRET} {number // 2}", "ab"[number % 2]) for number in range(20)]
    report = prepare(write_csv(tmp_path / "tickets.csv", rows)).report
    assert report["contradictions"]["texts"] == 10
    assert SECRET not in json.dumps(report)

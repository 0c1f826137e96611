"""A file that cannot be used is refused in one line: where, and what to do, but no text."""

import gzip
import json
import tracemalloc
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsgroup_classifier.datasets.files import opening, scanning, tables
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.own_files import TICKETS, prepare, write_csv

SECRET = "the customer's own words"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def file(content, name="x.csv"):
    """Return a function that writes a file into a folder."""
    return lambda folder: write(folder / name, content)


def many(count, text="text {}", label="{}", copies=1):
    rows = (f"{text.format(n)},{label.format(n // copies)}" for n in range(count * copies))
    return "body,queue\n" + "\n".join(rows)


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def nested(folder):
    """Write a folder of reviews as that of IMDb, with other files next to the folders."""
    for name in ("train/pos", "train/neg", "test/pos", "test/neg"):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            (folder / name / f"{number}.txt").write_text(f"{name} {number}", encoding="utf-8")
    (folder / "train/urls_pos.txt").write_text("an address", encoding="utf-8")
    (folder / "README").write_text("about", encoding="utf-8")
    return folder


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


MIXED = b"body,queue\nfirst,a\nsecond,b\n" + "für,a\n".encode("latin-1")
BAD = {
    "missing": (lambda f: f / "none.csv", {}, r"none\.csv does not exist; expected a CSV"),
    "empty": (file(b""), {}, r"x\.csv is empty; expected"),
    "only white space": (file("\n \n"), {}, "is empty; expected a header"),
    "only a header": (file("body,queue\n"), {}, "has no rows; expected"),
    "binary": (
        file(b"\x7fELF\2\1\1\0\0\0\0abcdefghijklmnop"),
        {},
        r"is a binary file \(byte 7 is 0x00\); expected a CSV, TSV",
    ),
    "wrong delimiter": (
        file("body|queue\nsome text|a\nother text|b\n"),
        {},
        "has one column; expected two or more that are separated by commas, semicolons, or tabs",
    ),
    "duplicate columns": (
        file("body,queue,body\nx,a,y\nz,b,w\n"),
        {},
        "has 2 columns with the name 'body'; expected different names",
    ),
    "missing column": (
        file("body,queue,id\nx,a,1\nz,b,2\n"),
        {"text": "boddy"},
        r"has no column 'boddy' \(--text\); did you mean body\? Columns: 'body' \(2 different "
        r"values, 1 character\); 'queue' .*; 'id' \(2 different values, numbers,",
    ),
    "columns that cannot be guessed": (
        file(f"one,two,three\n{SECRET},a,1\n{SECRET} 2,b,2\n"),
        {},
        r"pass --text and --label with names of these: 'one' \(2 different values, 24 to 26 char",
    ),
    "ragged row": (
        file("body,queue\nx,a\n" + "z,b\n" * 300 + "x,y,z\n"),
        {},
        r"row 302 \(line 303\) has 3 fields; expected 2. Put fields that contain a comma",
    ),
    "open quote": (file('body,queue\nx,a\n"z,b\n'), {}, r"record 3 \(at line 3\) is not valid CSV"),
    "one class": (
        file("body,queue\nx,a\ny,a\n"),
        {},
        "column 'queue' has only one class, 'a'; expected two or more classes",
    ),
    "class with one row": (
        file("body,queue\nx,a\ny,a\nz,b\nw,c\nv,c\n"),
        {},
        "column 'queue' has 1 class with a single row: 'b'; expected 2 or more rows of each",
    ),
    "class with one row that is not a repeated one": (
        file("body,queue\n" + "x,a\nx,b\n" * 5),
        {},
        "2 classes with a single row after dropping 8 empty or repeated rows: 'a', 'b'; exp",
    ),
    "10,001 classes": (
        lambda f: write(f / "x.csv", many(10_001, copies=3)),
        {},
        "column 'queue' has more than 10,000 classes; expected at most 10,000",
    ),
    "label of free text": (
        lambda f: write(f / "x.csv", many(200, label=f"{SECRET} {{}}")),
        {"text": "body", "label": "queue"},
        "column 'queue' looks like free text, not like labels: it has 200 different values",
    ),
    "long label": (
        lambda f: write(f / "x.csv", many(20, label="word " * 50, copies=2)),
        {},
        "looks like free text, not like labels: it has 1 different value, of up to 250 char",
    ),
    "text of numbers": (
        lambda f: write(f / "x.csv", many(20, text="{}.5", copies=3)),
        {},
        "column 'body' holds no text but numbers; pass another column with --text",
    ),
    "texts that are all empty": (
        file("body,queue\n" + ",a\n,b\n" * 5),
        {},
        "column 'body' holds no text at all; pass another column with --text",
    ),
    "text that is an object in one line": (
        file('{"text": {}, "label": "a"}\n{"text": "x", "label": "b"}', "x.jsonl"),
        {},
        r"cannot be guessed .*: 'label' \(.*\)\. Not usable: 'text' \(object values\)$",
    ),
    "folders of images": (
        lambda f: zipped(f / "x.zip", {"a/1.png": "x", "a/2.JPG": "y", "b/3.jpeg": "z"}),
        {},
        r"x\.zip holds images, and the recipe reads texts; choose a recipe for images, such as --",
    ),
    "image": (file("x", "x.png"), {}, r"x\.png holds images, and the recipe reads texts; choose"),
    "empty zip archive": (lambda f: zipped(f / "x.zip", {}), {}, r"x\.zip has no files; expected"),
    "zip archive of two tables": (
        lambda f: zipped(f / "x.zip", {"a.csv": "body,queue\n", "b.csv": "body,queue\n"}),
        {},
        r"such as .*x\.zip/billing/1\.txt, or a single file$",
    ),
    "row of 16 MB": (
        lambda f: write(f / "x.csv", f"body,queue\nx,a\n{'x' * 2**24},b\n"),
        {},
        r"record 3 \(at line 3\) has a field of more than 5,000,000 characters",
    ),
    "line of 64 MB": (
        lambda f: write(f / "x.jsonl", '{"body": "x", "queue": "a"}\n' + "{" + " " * 2**25),
        {},
        "line 2 has 30,000,000 characters or more; shorten it",
    ),
    "mixed encodings": (
        file(MIXED),
        {},
        r"line 4 \(byte 29, 0xfc\) is not utf-8; save the whole file as UTF-8, or pass --encoding "
        "latin-1 or cp1252",
    ),
    "mixed encodings far down": (
        file(b"body,queue\n" + b"text,a\n" * 20_000 + b"\xff,b\n"),
        {},
        r"line 20002 \(byte 140011, 0xff\) is not utf-8",
    ),
    "broken JSON line": (
        file('{"body": "x", "queue": "a"}\n\n{"body": x}\n', "x.jsonl"),
        {},
        r"line 3 is not valid JSON \(Expecting value, character 10\)",
    ),
    "deep JSON": (
        file('{"a":' * 100_000, "x.jsonl"),
        {},
        r"line 1 is not valid JSON \(it is nested too deeply\)",
    ),
    "JSON array": (
        file('[{"body": "x", "queue": "a"}]', "x.json"),
        {},
        "line 1 is a list; expected one JSON object per line",
    ),
    "JSON list as text": (
        file('{"body": ["x"], "queue": "a"}\n', "x.jsonl"),
        {"text": "body"},
        "column 'body' holds list values; expected texts or numbers",
    ),
    "half a surrogate pair": (
        lambda f: write(
            f / "x.jsonl", '{"body": "x", "queue": "a"}\n{"body": "\\ud83d", "queue": 1}'
        ),
        {},
        "line 2: 'body' has half of a surrogate pair",
    ),
    "Parquet without text columns": (
        lambda f: parquet(f / "x.parquet", body=[b"x", b"y"], queue=["a", "b"]),
        {"text": "body"},
        "column 'body' holds binary values; expected texts or numbers",
    ),
    "damaged Parquet": (
        file(b"PAR1" + b"x" * 100, "x.parquet"),
        {},
        "is not a complete Parquet file",
    ),
    "damaged gzip": (
        lambda f: write(f / "x.csv.gz", gzip.compress(many(9).encode())[:-9]),
        {},
        r"cannot be unpacked \(.*\); pack the file again",
    ),
    "damaged zip": (file(b"PK\3\4" + b"x" * 99, "x.zip"), {}, "cannot be unpacked"),
    "Excel": (
        lambda f: zipped(f / "x.xlsx", {"[Content_Types].xml": "", "xl/workbook.xml": ""}),
        {},
        "is an Office file; save the table as CSV UTF-8",
    ),
    "path that leads out of a zip": (
        lambda f: zipped(f / "x.zip", {"../../a/1.txt": "x", "b/2.txt": "y"}),
        {},
        "has a file whose path leads out of the archive",
    ),
    "absolute path in a zip": (
        lambda f: zipped(f / "x.zip", {"/a/1.txt": "x", "b/2.txt": "y"}),
        {},
        "has a file whose path leads out of the archive",
    ),
    "folders in the folders": (
        lambda f: nested(f / "imdb"),
        {},
        r"imdb has folders \('train', 'test'\) with folders "
        r"\('neg', 'pos'\) in them; expected one subfolder of files per class\. If the inner "
        r"folders are the classes, pass \S*/imdb/train, and \S*/imdb/test with --test-file; if",
    ),
    "folders in the folders of a zip": (
        lambda f: zipped(f / "x.zip", {f"a/b/{name}/1.txt": "x" for name in ("c/d", "c/e", "f/g")}),
        {},
        r"classes, unpack it, and pass \S*x\.zip/a/b/c, and \S*x\.zip/a/b/f with --test-file; if",
    ),
    "folder without classes": (
        lambda f: write(f / "1.txt", "x").parent,
        {},
        "has no subfolders with files; expected one subfolder per class, such as",
    ),
    "zip without files": (lambda f: zipped(f / "x.zip", {"a/": ""}), {}, "has no files; expected"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_in_one_plain_line(tmp_path, name):
    make, flags, message = BAD[name]
    with pytest.raises(DataError, match=message) as caught:
        prepare(make(tmp_path), **flags)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_archive_that_expands_without_limit_is_refused(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(opening, "_ALWAYS_ALLOWED", 2**16)
    content = b"body,queue\n" + b"x,1\ny,2\n" * 2**17
    if pack == "gzip":
        path = write(tmp_path / "x.csv.gz", gzip.compress(content))
    else:
        path = zipped(tmp_path / "x.zip", {"x.csv": content})
    with pytest.raises(DataError, match="expands to more than 200 times its size"):
        prepare(path)


def test_file_in_a_folder_that_is_not_text_is_named(tmp_path):
    for place, content in (("a/1.txt", b"x"), ("b/2.txt", b"\xff\xfe\0\0\1")):
        (tmp_path / place).parent.mkdir()
        write(tmp_path / place, content)
    with pytest.raises(DataError, match=r"b/2\.txt"):
        prepare(tmp_path)


def test_file_that_changes_between_the_passes_is_refused(tmp_path):
    path = write_csv(tmp_path / "tickets.csv")
    own = prepare(path)
    write_csv(path, TICKETS[:-1])
    with pytest.raises(DataError, match="changed while it was read"):
        own.write(tmp_path / "channels")
    assert not list((tmp_path / "channels").glob("*"))


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


def test_report_of_a_file_has_no_text(tmp_path):
    rows = [(f"{SECRET} {number // 2}", "ab"[number % 2]) for number in range(20)]
    report = prepare(write_csv(tmp_path / "tickets.csv", rows)).report
    assert report["contradictions"]["texts"] == 10
    assert SECRET not in json.dumps(report)

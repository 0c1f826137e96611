"""Every format of a user's file gives the same channels; labels and texts stay as they are."""

import gzip
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.newsgroup_classifier.datasets.files.own_files import (
    TICKETS,
    channels,
    prepare,
    rows_of,
    write_csv,
)

BODIES, QUEUES = (list(column) for column in zip(*TICKETS, strict=True))


def write_json_lines(path):
    lines = (json.dumps({"body": body, "queue": queue}) for body, queue in TICKETS)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_folders(folder):
    for number, (body, queue) in enumerate(TICKETS):
        (folder / queue).mkdir(parents=True, exist_ok=True)
        (folder / queue / f"{number}.txt").write_text(body, encoding="utf-8")
    (folder / "README").write_text("not a ticket", encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"\0")
    return folder


def write_zip(path, *files, inside=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"{inside}{file.name}")
    return path


def write_format(form, folder):
    """Write the tickets in a format; return the path."""
    if form == "parquet":
        table = pa.table({"body": BODIES, "queue": pa.array(QUEUES).dictionary_encode()})
        pq.write_table(table, folder / "tickets.parquet", row_group_size=4)
        return folder / "tickets.parquet"
    if form == "folders":
        return write_folders(folder / "tickets")
    if form == "zip of folders":
        tree = write_folders(folder / "tickets")
        with zipfile.ZipFile(folder / "tickets.zip", "w") as archive:
            for file in tree.rglob("*"):
                archive.write(file, file.relative_to(folder))
        return folder / "tickets.zip"
    if form == "gzip":
        path = write_csv(folder / "tickets.csv")
        (folder / "tickets.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        return folder / "tickets.csv.gz"
    if form == "zip":
        return write_zip(folder / "tickets.zip", write_csv(folder / "tickets.csv"))
    if form == "zip of parquet":
        return write_zip(folder / "tickets.zip", write_format("parquet", folder))
    if form == "json lines":
        return write_json_lines(folder / "tickets.jsonl")
    if form == "comprehend":
        rows = [(queue, body) for body, queue in TICKETS]
        return write_csv(folder / "tickets.csv", rows, header=None)
    delimiter = {"semicolon": ";", "bar": "|", "tab": "\t", "tsv": "\t"}.get(form, ",")
    encoding = {"mark": "utf-8-sig", "utf-16": "utf-16", "utf-16-le": "utf-16-le"}.get(form)
    suffix = "tsv" if form == "tsv" else "csv"
    path = folder / f"tickets.{suffix}"
    return write_csv(path, delimiter=delimiter, encoding=encoding or "utf-8")


@pytest.mark.parametrize(
    ("form", "described"),
    [
        ("comma", ("CSV", "utf-8", "comma")),
        ("semicolon", ("CSV", "utf-8", "semicolon")),
        ("bar", ("CSV", "utf-8", "vertical bar")),
        ("tab", ("TSV", "utf-8", "tab")),
        ("tsv", ("TSV", "utf-8", "tab")),
        ("mark", ("CSV", "utf-8-sig", "comma")),
        ("utf-16", ("CSV", "utf-16", "comma")),
        ("utf-16-le", ("CSV", "utf-16-le", "comma")),
        ("gzip", ("CSV", "utf-8", "comma")),
        ("zip", ("CSV", "utf-8", "comma")),
        ("comprehend", ("CSV without a header", "utf-8", "comma")),
        ("json lines", ("JSON lines", "utf-8", "")),
        ("parquet", ("Parquet", "", "")),
        ("zip of parquet", ("Parquet", "", "")),
        ("folders", ("folder per class", "", "")),
        ("zip of folders", ("folder per class", "", "")),
    ],
)
def test_every_format_gives_the_same_rows_and_is_reported(tmp_path, form, described):
    own = prepare(write_format(form, tmp_path))
    assert rows_of(own, tmp_path / "channels") == set(TICKETS)
    report = own.report
    assert (report["form"], report["encoding"], report["delimiter"]) == described
    assert report["rows"] == {"read": 15, "train": 12, "test": 3}


def test_latin_1_is_read_by_choice_only(tmp_path):
    rows = [(f"{text} für Müller", label) for text, label in TICKETS]
    path = write_csv(tmp_path / "tickets.csv", rows, encoding="latin-1")
    assert rows_of(prepare(path, "latin-1"), tmp_path) == set(rows)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-8"])
def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path, encoding):
    path = write_csv(tmp_path / "tickets.csv", encoding=encoding, first="\ufeff")
    own = prepare(path, encoding, text="body", label="queue")
    assert rows_of(own, tmp_path / "channels") == set(TICKETS)


def test_folders_that_are_symbolic_links_are_classes(tmp_path):
    tree = write_folders(tmp_path / "tickets")
    (tree / "billing").rename(tmp_path / "elsewhere")
    (tree / "billing").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tree / "accounts/all").symlink_to(tree, target_is_directory=True)  # a circle
    assert rows_of(prepare(tree), tmp_path / "channels") == set(TICKETS)


LABELS = ["007", "7", "true", "True", "NA", "nan", "null", "1.0", "1", "-0", "1e5", " a ", "Ä"]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_labels_stay_themselves(tmp_path, form):
    rows = [(f"text {number} of {label}", label) for label in LABELS for number in range(3)]
    path = tmp_path / f"rows.{form}"
    if form == "csv":
        write_csv(path, rows)
    elif form == "jsonl":
        path.write_text("\n".join(json.dumps({"body": a, "queue": b}) for a, b in rows))
    else:
        pq.write_table(
            pa.table({"body": [body for body, _ in rows], "queue": [queue for _, queue in rows]}),
            path,
        )
    train, test = channels(prepare(path), tmp_path)
    assert train.label_names == test.label_names == tuple(sorted(LABELS))


def test_json_numbers_and_words_keep_their_spelling(tmp_path):
    path = tmp_path / "rows.jsonl"
    lines = [
        f'{{"text": "number {number} {spelling}", "label": {spelling}}}'
        for spelling in ("1.0", "1", "true", "12345678901234567890", "1e2")
        for number in range(2)
    ]
    path.write_text("\n".join([*lines, '{"text": "no label", "label": null}']), encoding="utf-8")
    own = prepare(path)
    assert own.names == ("1", "1.0", "12345678901234567890", "1e2", "true")
    assert own.report["dropped"] == {"empty_text": 0, "no_label": 1, "duplicate": 0}


def test_parquet_labels_of_other_types_become_text(tmp_path):
    path = tmp_path / "rows.parquet"
    bodies = [f"text {number}" for number in range(8)]
    for values, names in (
        ([1, 2] * 4, ("1", "2")),
        ([True, False] * 4, ("false", "true")),
        ([1.0, 2.5] * 4, ("1.0", "2.5")),
        (pa.array(["a", "b"] * 4, pa.string_view()), ("a", "b")),
    ):
        pq.write_table(pa.table({"body": bodies, "queue": values}), path)
        assert prepare(path).names == names


@pytest.mark.parametrize("form", ["folders", "zip of folders"])
def test_hidden_folders_and_their_files_are_neither_classes_nor_rows(tmp_path, form):
    hidden = tmp_path / "._mine"  # hides nothing: it is the user's own path
    for name in (".git/config", ".ipynb_checkpoints/1.txt", "billing/.cache/1.txt"):
        (hidden / "tickets" / name).parent.mkdir(parents=True)
        (hidden / "tickets" / name).write_text("no ticket", encoding="utf-8")
    own = prepare(write_format(form, hidden))
    assert rows_of(own, tmp_path / "channels") == set(TICKETS)

"""Every format of a user's file gives the same channels; labels and texts stay as they are."""

import gzip
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.files.columns import choose_columns
from newsgroup_classifier.datasets.files.tables import open_table
from newsgroup_classifier.errors import DataError
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
    delimiter = {"semicolon": ";", "tab": "\t", "tsv": "\t"}.get(form, ",")
    encoding = {"mark": "utf-8-sig", "utf-16": "utf-16", "utf-16-le": "utf-16-le"}.get(form)
    suffix = "tsv" if form == "tsv" else "csv"
    path = folder / f"tickets.{suffix}"
    return write_csv(path, delimiter=delimiter, encoding=encoding or "utf-8")


@pytest.mark.parametrize(
    ("form", "described"),
    [
        ("comma", ("CSV", "utf-8", "comma")),
        ("semicolon", ("CSV", "utf-8", "semicolon")),
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
    ):
        pq.write_table(pa.table({"body": bodies, "queue": values}), path)
        assert prepare(path).names == names


field_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(field_texts, field_texts), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    declared=st.booleans(),
)
def test_every_csv_that_python_writes_is_read_as_it_was(
    tmp_path_factory, rows, delimiter, encoding, declared
):
    # Lines that are rows by themselves are rows, unless they have tabs and line ends by design.
    assume(delimiter != "\t" or not any(is_several_rows(cell) for row in rows for cell in row))
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    first = f"sep={delimiter}\r\n" if declared or delimiter == "|" else ""
    write_csv(path, rows, delimiter=delimiter, encoding=encoding, first=first)
    table = open_table(path, names=["body", "queue"])
    assert table.columns == ("body", "queue")
    assert table.delimiter == {",": "comma", ";": "semicolon", "\t": "tab"}.get(delimiter, "|")
    assert list(table.rows(["queue", "body"])) == [(label, text) for text, label in rows]


def is_several_rows(cell):
    return "\t" in cell and ("\n" in cell or "\r" in cell)


line_texts = st.text(
    st.sampled_from('"" a,;')
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\r\n"),
    max_size=10,
)


def unquoted(cell):
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.tuples(line_texts, line_texts), min_size=1, max_size=12))
def test_every_line_of_a_tab_separated_file_without_quoting_is_a_row(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tsv") / "rows.tsv"
    lines = "".join(f"{text}\t{label}\n" for text, label in rows)
    path.write_text(f"body\tqueue\n{lines}", encoding="utf-8", newline="")
    table = open_table(path, names=["body", "queue"])
    if table.form == "TSV":  # every quote is closed where its field ends
        rows = [(unquoted(text), unquoted(label)) for text, label in rows]
    else:
        assert table.form == "TSV without quoting"
    assert list(table.rows(["body", "queue"])) == rows


@pytest.mark.parametrize("name", ["rows.tsv", "rows.txt"])
@pytest.mark.parametrize("before", [0, 1000])
@pytest.mark.parametrize("end", ['"', '" I said'])
def test_quote_that_is_never_closed_joins_no_rows(tmp_path, name, before, end):
    rows = [(f"text {number}", "spam") for number in range(before)]
    rows += [('"Where are you?', "ham"), ("call now", "spam"), (f"I said hi{end}", "ham")]
    path = tmp_path / name
    path.write_text("".join(f"{b}\t{a}\n" for a, b in [("text", "label"), *rows]))
    table = open_table(path)
    assert (table.form, table.delimiter) == ("TSV without quoting", "tab")
    assert list(table.rows(["text", "label"])) == rows


def test_quotes_in_a_tab_separated_file_without_quoting_are_characters(tmp_path):
    path = tmp_path / "rows.tsv"
    path.write_text('text\tlabel\nhe said "no\ta\n"no" they said\tb\n', encoding="utf-8")
    assert list(open_table(path).rows(["text", "label"])) == [
        ('he said "no', "a"),
        ('"no" they said', "b"),
    ]


@pytest.mark.parametrize(
    ("header", "flags", "columns"),
    [
        (("body", "queue"), {}, ("body", "queue")),
        (("queue", "body"), {}, ("body", "queue")),
        (("Text", "LABEL", "id"), {}, ("Text", "LABEL")),
        (("id", "title", "category"), {}, ("title", "category")),
        (("a", "b", "c"), {"text": "b", "label": "a"}, ("b", "a")),
        (("a", "text", "c"), {"label": "a"}, ("text", "a")),
        (("words", "kind"), {"label": "kind"}, ("words", "kind")),
    ],
)
def test_usual_names_or_flags_choose_the_columns(tmp_path, header, flags, columns):
    rows = [[f"{name} {number}" for name in header] for number in range(3)]
    table = open_table(write_csv(tmp_path / "rows.csv", rows, header), None, list(flags.values()))
    chosen = choose_columns(table, **flags)
    assert (chosen.text, chosen.label) == columns


def test_title_is_not_the_text_if_several_columns_may_have_it(tmp_path):
    header = ("ticket", "subject", "body", "queue")
    rows = [[f"{name} {number}" for name in header] for number in range(3)]
    table = open_table(write_csv(tmp_path / "rows.csv", rows, header))
    with pytest.raises(DataError, match="pass --text with one of these"):
        choose_columns(table)


def test_label_of_two_columns_with_unusual_names_has_fewer_values(tmp_path):
    rows = [(queue, body) for body, queue in TICKETS]
    table = open_table(write_csv(tmp_path / "rows.csv", rows, ("kind", "words")))
    assert choose_columns(table).names == ["words", "kind"]


def test_columns_of_a_file_without_a_header_are_chosen_by_number(tmp_path):
    rows = [(str(number % 2 + 1), f"title {number}", f"text {number}") for number in range(9)]
    path = write_csv(tmp_path / "rows.csv", rows, header=None)
    own = prepare(path, label="1", title="2", text="3")
    assert rows_of(own, tmp_path) == {(f"{title}\n{text}", label) for label, title, text in rows}


def test_title_is_the_first_line_of_the_text_and_the_subject(tmp_path):
    rows = [
        ("a\nsmall  title", f"line 1\nline 2 of {number}", "xy"[number % 2]) for number in range(8)
    ]
    path = write_csv(tmp_path / "rows.csv", rows, ("title", "text", "label"))
    own = prepare(path, title="title")
    train, _ = channels(own, tmp_path)
    assert {text.split(" of ")[0] for text in train.texts} == {"a small title\nline 1\nline 2"}
    assert set(train.subjects) == {"a small title"}
    assert (own.report["title"], own.report["grouped"]) == (True, False)


def test_first_line_for_excel_names_the_delimiter_and_is_no_row(tmp_path):
    path = write_csv(tmp_path / "tickets.csv", delimiter="|", first="SEP=|\r\n")
    own = prepare(path)
    assert rows_of(own, tmp_path / "channels") == set(TICKETS)
    assert (own.report["columns"]["label"], own.report["delimiter"]) == ("queue", "|")


@pytest.mark.parametrize("number", ["-1", "0.5", "7"])
def test_first_row_with_a_number_is_no_header(tmp_path, number):
    rows = [("some text", number), ("other text", "2"), ("third text", "3")]
    assert open_table(write_csv(tmp_path / "rows.csv", rows, None)).columns == ("1", "2")


@pytest.mark.parametrize("form", ["folders", "zip of folders"])
def test_hidden_folders_and_their_files_are_neither_classes_nor_rows(tmp_path, form):
    hidden = tmp_path / "._mine"  # hides nothing: it is the user's own path
    for name in (".git/config", ".ipynb_checkpoints/1.txt", "billing/.cache/1.txt"):
        (hidden / "tickets" / name).parent.mkdir(parents=True)
        (hidden / "tickets" / name).write_text("no ticket", encoding="utf-8")
    own = prepare(write_format(form, hidden))
    assert rows_of(own, tmp_path / "channels") == set(TICKETS)

"""Delimiters, quotes, and line ends are read as rows, or as characters where nothing is quoted."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.files.tables import DELIMITERS, open_table
from tests.newsgroup_classifier.datasets.files.own_files import TICKETS, prepare, rows_of, write_csv

field_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(field_texts, field_texts), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|:"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    declared=st.booleans(),
)
def test_every_csv_that_python_writes_is_read_as_it_was(
    tmp_path_factory, rows, delimiter, encoding, declared
):
    # Lines that are rows by themselves are rows, unless they have tabs and line ends by design.
    assume(delimiter != "\t" or not any(is_several_rows(cell) for row in rows for cell in row))
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    first = f"sep={delimiter}\r\n" if declared or delimiter == ":" else ""
    write_csv(path, rows, delimiter=delimiter, encoding=encoding, first=first)
    table = open_table(path, names=["body", "queue"])
    assert table.columns == ("body", "queue")
    assert table.delimiter == DELIMITERS.get(delimiter, ":")
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


def test_first_line_for_excel_names_the_delimiter_and_is_no_row(tmp_path):
    path = write_csv(tmp_path / "tickets.csv", delimiter=":", first="SEP=:\r\n")
    own = prepare(path)
    assert rows_of(own, tmp_path / "channels") == set(TICKETS)
    assert (own.report["columns"]["label"], own.report["delimiter"]) == ("queue", ":")

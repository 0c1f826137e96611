"""The columns of the text, the label, and the title are chosen by names, numbers, or flags."""

import pytest

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


@pytest.mark.parametrize("number", ["-1", "0.5", "7"])
def test_first_row_with_a_number_is_no_header(tmp_path, number):
    rows = [("some text", number), ("other text", "2"), ("third text", "3")]
    assert open_table(write_csv(tmp_path / "rows.csv", rows, None)).columns == ("1", "2")


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

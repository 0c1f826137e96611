"""CSV files for people keep every text, and no spreadsheet runs one as a formula."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.csv_files import read_rows, write_rows
from newsgroup_classifier.evaluation.quality import Suspect, write_suspects
from newsgroup_classifier.training.search.table import write_table

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ODD = st.builds(str.__add__, st.sampled_from([*STARTS, "'", "'="]), TEXTS)


def cells_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(TEXTS | ODD, min_size=2, max_size=3), min_size=1, max_size=4))
def test_any_text_is_read_as_it_was_written_and_is_no_formula(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    write_rows(path, rows)
    assert read_rows(path.read_bytes()) == rows
    assert not [cell for row in cells_of(path) for cell in row if cell.startswith(STARTS)]


def test_numbers_stay_numbers(tmp_path):
    write_rows(tmp_path / "rows.csv", [["a", "b"], [-1, -0.5], ["-1", 1e-6]])
    assert (tmp_path / "rows.csv").read_text() == '"a","b"\n-1,-0.5\n"\'-1",1e-06\n'


def test_labels_of_suspects_and_values_of_a_search_are_no_formulas(tmp_path):
    write_suspects([Suspect(3, "=cmd|' /C calc'!A0", "+1", 0.01)], tmp_path)
    write_table([{"rank": 1, "kernel": "@SUM(A1)", "C": -0.5}], tmp_path)
    assert cells_of(tmp_path / "suspects.csv")[1] == ["3", "'=cmd|' /C calc'!A0", "'+1", "0.01"]
    assert cells_of(tmp_path / "search.csv")[1] == ["1", "'@SUM(A1)", "-0.5"]
    assert read_rows((tmp_path / "suspects.csv").read_bytes())[1][1] == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize("content", [b'"open', b"\xff\xfe", b'"a"b'])
def test_broken_files_are_refused(content):
    with pytest.raises(ValueError):
        read_rows(content)

"""A million rows of an own file take the time per row of a tenth of them, and bounded memory."""

import csv

import pytest

from benchmarks.own_files import measure, write_rows


def test_rows_are_different_texts_of_every_class(tmp_path):
    write_rows(500, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["text"] for row in rows}) == 500
    assert {row["label"] for row in rows} == {str(number) for number in range(20)}


@pytest.mark.slow
def test_a_million_rows_take_the_same_time_per_row_and_few_bytes_each():
    smaller, larger = measure()
    assert larger["rows"] == 1_000_000
    assert larger["microseconds"] < 1.5 * smaller["microseconds"]
    added = (larger["peak"] - smaller["peak"]) / (larger["rows"] - smaller["rows"])
    assert added * 2**20 < 250  # bytes per row, whatever their length

"""Rows of published files are read as written, and any other content is refused."""

from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.datasets.sources.published_text import csv_rows, tab_rows
from newsgroup_classifier.errors import DataError

fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r"))


@given(st.lists(st.tuples(fields, fields, fields), min_size=1))
def test_tab_rows_of_any_fields_are_read_as_written(rows):
    text = "".join("\t".join(values) + "\n" for values in rows)
    assert tab_rows(text, ("a", "b", "c"), DataError) == [list(values) for values in rows]


@given(st.text())
def test_rows_of_any_text_have_the_columns_or_raise_data_error(text):
    for read in (tab_rows, csv_rows):
        try:
            rows = read(text, ("a", "b"), DataError)
        except DataError as error:
            assert "expected" in str(error) or "rows" in str(error) or "quotes" in str(error)
        else:
            assert all(len(values) == 2 for values in rows)

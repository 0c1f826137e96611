"""predictions.csv keeps every label, and no spreadsheet runs one as a formula."""

import csv
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.evaluation.report.evidence import (
    Evidence,
    read_predictions,
    write_predictions,
)

LABELS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ODD = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", "'="]), LABELS)


@settings(max_examples=40, deadline=None)
@given(st.lists(LABELS | ODD, min_size=2, max_size=4, unique=True))
def test_any_label_is_read_as_it_was_written(tmp_path_factory, names):
    numbers = list(range(len(names)))
    scores = Scores(numbers, numbers[::-1], np.eye(len(names)), tuple(names))
    path = tmp_path_factory.mktemp("predictions") / "predictions.csv"
    write_predictions(Evidence(scores, Counter(numbers)), path)
    expected = {row: pair for row, pair in enumerate(zip(names, names[::-1], strict=True), 1)}
    assert read_predictions(path.read_bytes()) == expected
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row[1:3]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n",
        b"row,label,predicted,probability\n1,a\n",
        b"row,label,predicted,probability\nx,a,b,0.5\n",
        b'row,label,predicted,probability\n1,"a,b,0.5\n',
        b"\xff\xfe",
    ],
)
def test_broken_predictions_are_refused(content):
    with pytest.raises(ValueError, match=r"^predictions\.csv is broken$"):
        read_predictions(content)

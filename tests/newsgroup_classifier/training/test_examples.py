"""Rows are the same as the encoder's output, in any order and batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.text.encoders import WordSequences
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.training.examples import (
    EvenRows,
    WeightedRows,
    batches,
    encoded_rows,
    image_rows,
)

TEXTS = ["one two three", "", "two two", "unknown", "three one four five one"] * 300


@pytest.mark.parametrize("encoder", [WordSequences(10, 4), NgramBags(2, 3)])
def test_encoded_rows_equal_the_encoders_output_for_the_same_texts(encoder):
    encoder.fit(TEXTS)
    rows = encoded_rows(encoder, TEXTS)
    assert len(rows) == len(TEXTS)
    numbers = np.array([1499, 0, 1, 700, 3])
    expected = encoder.transform([TEXTS[number] for number in numbers])
    taken = rows.take(numbers)
    assert taken.keys() == expected.keys()
    for name, array in expected.items():
        assert taken[name].dtype == array.dtype
        assert (taken[name] == array).all()


def test_weighted_rows_without_terms_have_one_column_of_padding():
    rows = encoded_rows(NgramBags(1, 0).fit(["word"]), ["", "unknown"])
    taken = rows.take(np.array([0, 1]))
    assert taken["tokens"].tolist() == [[0], [0]]
    assert taken["weights"].tolist() == [[0.0], [0.0]]


@given(count=st.integers(1, 50), size=st.integers(1, 60))
def test_batches_have_every_row_once_and_in_order(count, size):
    images = np.arange(count, dtype="uint8").reshape(count, 1, 1)
    parts = [batch["pixels"] for batch in batches(image_rows(images), size)]
    assert all(batch.dtype == np.float32 and len(batch) <= size for batch in parts)
    assert np.concatenate(parts).ravel().tolist() == list(range(count))


def test_rows_without_a_token_are_counted():
    tokens = np.array([[0, 0], [1, 0], [0, 0]], "int32")
    assert EvenRows("tokens", tokens, "int32").empty == 2
    assert WeightedRows(np.array([1, 2]), np.ones(2), np.array([0, 0, 2, 2])).empty == 2

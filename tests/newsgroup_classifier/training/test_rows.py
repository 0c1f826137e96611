"""Rows come back as the encoder made them, in any order and in any batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.word_sequences import WordSequences
from newsgroup_classifier.training.rows import batches, encoded_rows, image_rows

TEXTS = ["one two three", "", "two two", "unknown", "three one four five one"] * 300


@pytest.mark.parametrize("encoder", [WordSequences(10, 4), NgramBags(2, 3)])
def test_encoded_rows_are_what_the_encoder_gives_of_the_same_texts(encoder):
    encoder.fit(TEXTS)
    rows = encoded_rows(encoder, TEXTS)
    assert len(rows) == len(TEXTS)
    numbers = np.array([1499, 0, 1, 700, 3])
    expected = encoder.transform([TEXTS[number] for number in numbers])
    found = rows.take(numbers)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert (found[name] == array).all()


def test_weighted_rows_without_any_term_are_one_column_of_padding():
    rows = encoded_rows(NgramBags(1, 0).fit(["word"]), ["", "unknown"])
    taken = rows.take(np.array([0, 1]))
    assert taken["tokens"].tolist() == [[0], [0]]
    assert taken["weights"].tolist() == [[0.0], [0.0]]


@given(count=st.integers(1, 50), size=st.integers(1, 60))
def test_batches_have_every_row_once_and_in_order(count, size):
    images = np.arange(count, dtype="uint8").reshape(count, 1, 1)
    found = [batch["pixels"] for batch in batches(image_rows(images), size)]
    assert all(batch.dtype == np.float32 and len(batch) <= size for batch in found)
    assert np.concatenate(found).ravel().tolist() == list(range(count))

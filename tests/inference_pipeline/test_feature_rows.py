"""Dense and sparse rows, and what is asked for, come back exactly; broken bytes are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix

from inference_pipeline.asked import Asked
from inference_pipeline.bodies import MOST_BYTES
from inference_pipeline.feature_rows import read_features, write_features
from inference_pipeline.sparse_rows import encode_rows
from newsgroup_classifier.errors import PayloadTooLarge, RequestError

SOME = np.array([[0.25, -1.5], [1e-300, 3.0]])
WHOLE = write_features(SOME, Asked(3, 5))
ASKED_BYTES = 16
counts = st.integers(0, 2**31 - 1)
dense = st.sampled_from(["<f8", "<f4"]).flatmap(
    lambda kind: arrays.arrays(
        np.dtype(kind),
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
)


@given(dense, counts, counts)
@settings(max_examples=150)
def test_dense_rows_of_any_values_come_back_exactly(rows, top, neighbors):
    found, asked = read_features(write_features(rows, Asked(top, neighbors)))
    assert (found.dtype, found.shape, asked) == (rows.dtype, rows.shape, Asked(top, neighbors))
    assert found.tobytes() == rows.tobytes()


def test_dense_rows_stored_by_column_come_back_the_same():
    found, _ = read_features(write_features(np.asfortranarray(SOME)))
    assert found.tolist() == SOME.tolist()


def test_sparse_rows_come_back_with_what_is_asked_for():
    matrix = csr_matrix(np.eye(3))
    found, asked = read_features(write_features(matrix, Asked(neighbors=2)))
    assert (found != matrix).nnz == 0
    assert asked == Asked(0, 2)


def test_rows_of_a_request_that_asks_for_nothing_have_no_more_bytes_than_before():
    matrix = csr_matrix(np.eye(3))
    assert write_features(matrix) == encode_rows(matrix)


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_features_cut_short_anywhere_are_refused(length):
    with pytest.raises(RequestError, match="the features are broken: "):
        read_features(WHOLE[:length])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_dense_rows_with_a_value_that_is_no_finite_number_are_refused(value):
    with pytest.raises(RequestError, match="a value is not a finite number"):
        read_features(write_features(np.array([[1.0, value]])))


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("value", [0, 1, 2**31, 2**63, 2**64 - 1])
def test_dense_rows_with_a_wrong_count_are_refused(count, value):
    place = ASKED_BYTES + 8 + 8 * count
    with pytest.raises(RequestError, match="the features are broken: "):
        read_features(WHOLE[:place] + value.to_bytes(8, "little") + WHOLE[place + 8 :])


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_features_of_any_bytes_are_read_or_refused(body):
    for candidate in (body, WHOLE[:8] + body, WHOLE[:24] + body, WHOLE[16:24] + body):
        try:
            rows, _ = read_features(candidate)
        except RequestError as error:
            assert str(error).startswith("the features are broken: ")
        else:
            assert np.isfinite(rows.data).all()


def test_dense_rows_that_no_container_passes_on_say_how_many_texts_fit():
    fitting = (MOST_BYTES - 40) // (8 * 300)
    write_features(np.ones((fitting, 300)), Asked(1, 1))
    with pytest.raises(PayloadTooLarge, match=f"Send at most {fitting} texts in one request"):
        write_features(np.ones((fitting + 1, 300)), Asked(1, 1))

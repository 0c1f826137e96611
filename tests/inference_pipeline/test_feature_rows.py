"""Rows and options survive a round trip exactly; malformed bytes are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix

from inference_pipeline.bodies import MAX_BYTES
from inference_pipeline.feature_rows import read_features, write_features
from inference_pipeline.options import RequestOptions
from newsgroup_classifier.errors import PayloadTooLarge, RequestError

SOME = np.array([[0.25, -1.5], [1e-300, 3.0]])
WHOLE = write_features(SOME, RequestOptions(3, 5))
COUNTS_AT = 16
counts = st.integers(0, 2**31 - 1)
dense = st.sampled_from(["<f8", "<f4"]).flatmap(
    lambda dtype: arrays.arrays(
        np.dtype(dtype),
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
)


@given(dense, counts, counts)
@settings(max_examples=150)
def test_dense_rows_of_any_values_survive_a_round_trip(rows, top, neighbors):
    expected = RequestOptions(top, neighbors)
    copy, options = read_features(write_features(rows, expected))
    assert (copy.dtype, copy.shape, options) == (rows.dtype, rows.shape, expected)
    assert copy.tobytes() == rows.tobytes()


def test_dense_rows_stored_by_column_survive_a_round_trip():
    copy, _ = read_features(write_features(np.asfortranarray(SOME)))
    assert copy.tolist() == SOME.tolist()


def test_sparse_rows_survive_a_round_trip_with_options():
    matrix = csr_matrix(np.eye(3))
    copy, options = read_features(write_features(matrix, RequestOptions(neighbors=2)))
    assert (copy != matrix).nnz == 0
    assert options == RequestOptions(0, 2)


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_features_cut_short_anywhere_are_refused(length):
    with pytest.raises(RequestError, match="the features are malformed: "):
        read_features(WHOLE[:length])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_dense_rows_with_a_value_that_is_not_finite_are_refused(value):
    with pytest.raises(RequestError, match="a value is not a finite number"):
        read_features(write_features(np.array([[1.0, value]])))


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("value", [0, 1, 2**31, 2**63, 2**64 - 1])
def test_dense_rows_with_a_wrong_count_are_refused(count, value):
    place = COUNTS_AT + 8 * count
    with pytest.raises(RequestError, match="the features are malformed: "):
        read_features(WHOLE[:place] + value.to_bytes(8, "little") + WHOLE[place + 8 :])


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_read_features_of_any_bytes_reads_or_refuses_them(body):
    for candidate in (body, WHOLE[:8] + body, WHOLE[:16] + body, WHOLE[:40] + body):
        try:
            rows, _ = read_features(candidate)
        except RequestError as error:
            assert str(error).startswith("the features are malformed: ")
        else:
            assert np.isfinite(rows.data).all()


def test_dense_rows_over_the_size_limit_are_refused_with_the_number_that_fits():
    most = (MAX_BYTES - 40) // (8 * 300)
    write_features(np.ones((most, 300)), RequestOptions(1, 1))
    with pytest.raises(PayloadTooLarge, match=f"Send at most {most} texts per request"):
        write_features(np.ones((most + 1, 300)), RequestOptions(1, 1))

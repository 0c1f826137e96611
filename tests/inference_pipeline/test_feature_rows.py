"""Rows and options survive a round trip exactly; malformed bytes are refused."""

import io
import json
import pickle

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix

from inference_pipeline import predict
from inference_pipeline.bodies import MAX_BYTES, RequestOptions
from inference_pipeline.feature_rows import encode_features, read_features, write_features
from newsgroup_classifier.errors import PayloadTooLarge, RequestError

FEATURES = "application/x-sparse-rows"
HEADER_BYTES, MAGIC_BYTES, COUNTS_AT = 40, 8, 16
WHOLE = encode_features(csr_matrix(np.array([[0, 1.5, 0], [0, 0, 0], [2.5, 0, -1e-300]])))

DENSE = write_features(np.array([[0.25, -1.5], [1e-300, 3.0]]), RequestOptions(3, 5))

counts = st.integers(0, 2**31 - 1)
dense = st.sampled_from(["<f8", "<f4"]).flatmap(
    lambda dtype: arrays.arrays(
        np.dtype(dtype),
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
)
numbers = st.just(0.0) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def matrices(draw):
    columns = draw(st.integers(1, 8))
    row = st.lists(numbers, min_size=columns, max_size=columns)
    return csr_matrix(np.array(draw(st.lists(row, min_size=1, max_size=6))))


def count_at(number):
    """Return the offset of a count in the header: 0 rows, 1 columns, 2 stored values."""
    return COUNTS_AT + 8 * number


def with_count(body, number, value):
    place = count_at(number)
    return body[:place] + value.to_bytes(8, "little") + body[place + 8 :]


def decoded_rows(body):
    return read_features(body)[0]


def refusal(body):
    with pytest.raises(RequestError) as caught:
        decoded_rows(body)
    assert caught.value.status == 400
    return str(caught.value)


@given(matrices(), st.sampled_from([np.float64, np.float32]))
@settings(max_examples=150)
def test_rows_of_any_matrix_survive_a_round_trip_in_their_type(matrix, dtype):
    matrix.data = np.clip(matrix.data, -1e38, 1e38).astype(dtype)
    decoded = decoded_rows(encode_features(matrix))
    assert decoded.shape == matrix.shape
    assert decoded.dtype == dtype
    for name in ("data", "indices", "indptr"):
        assert getattr(decoded, name).tobytes() == getattr(matrix, name).tobytes()


def test_empty_row_survives_a_round_trip():
    decoded = decoded_rows(encode_features(csr_matrix((1, 5))))
    assert (decoded.shape, decoded.nnz) == ((1, 5), 0)


def test_rows_with_64_bit_indices_survive_a_round_trip():
    matrix = csr_matrix(np.eye(3))
    matrix.indices, matrix.indptr = (
        array.astype(np.int64) for array in (matrix.indices, matrix.indptr)
    )
    assert (decoded_rows(encode_features(matrix)) != matrix).nnz == 0


def test_rows_of_the_sample_survive_a_round_trip(served):
    features = served.transformers.transform(served.posts)
    assert (decoded_rows(encode_features(features)) != features).nnz == 0


@given(dense, counts, counts)
@settings(max_examples=150)
def test_dense_rows_of_any_values_survive_a_round_trip(rows, top, neighbors):
    expected = RequestOptions(top, neighbors)
    copy, options = read_features(write_features(rows, expected))
    assert (copy.dtype, copy.shape, options) == (rows.dtype, rows.shape, expected)
    assert copy.tobytes() == rows.tobytes()


def test_dense_rows_stored_by_column_survive_a_round_trip():
    rows = np.array([[0.25, -1.5], [1e-300, 3.0]])
    copy, _ = read_features(write_features(np.asfortranarray(rows)))
    assert copy.tolist() == rows.tolist()


def test_sparse_rows_survive_a_round_trip_with_options():
    matrix = csr_matrix(np.eye(3))
    copy, options = read_features(write_features(matrix, RequestOptions(neighbors=2)))
    assert (copy != matrix).nnz == 0
    assert options == RequestOptions(0, 2)


@pytest.mark.parametrize("whole", [WHOLE, DENSE])
def test_rows_cut_short_anywhere_are_refused(whole):
    for length in range(len(whole)):
        assert refusal(whole[:length]).startswith("the features are malformed: ")


@pytest.mark.parametrize("more", [b"\0", b"\n", WHOLE])
def test_rows_with_trailing_bytes_are_refused(more):
    assert f"expected {len(WHOLE)} bytes" in refusal(WHOLE + more)


def npy_of_objects():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "body",
    [b"", b"text", b"[[0.5]]", npy_of_objects(), pickle.dumps([1]), WHOLE[:7] + b"2" + WHOLE[8:]],
    ids=["empty", "text", "JSON", "NPY of objects", "pickle", "another version"],
)
def test_rows_of_another_format_are_refused(body):
    assert refusal(body) == "the features are malformed: they lack the header of rows"


class Alarm:
    """An object that fails the test when it is unpickled."""

    def __reduce__(self):
        """Return a call that fails the test."""
        return (pytest.fail, ("unpickled",))


def test_rows_followed_by_a_pickle_are_refused_without_reading_it():
    refusal(WHOLE + pickle.dumps(Alarm()))
    refusal(pickle.dumps(Alarm()))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("value", [0, 1, 2**31, 2**63, 2**64 - 1])
def test_dense_rows_with_a_wrong_count_are_refused(number, value):
    assert "the features are malformed: " in refusal(with_count(DENSE, number, value))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("value", [0, 4, 2**31, 2**32, 2**63, 2**64 - 1])
def test_rows_with_a_wrong_count_are_refused_or_read_within_their_bytes(number, value):
    body = with_count(WHOLE, number, value)
    if number == 1 and value == 4:
        assert decoded_rows(body).shape == (3, 4)
    else:
        assert refusal(body).startswith("the features are malformed: ")


@pytest.mark.parametrize("index", [3, 2**31 - 1, -1, -(2**31)])
def test_rows_with_a_column_out_of_range_are_refused(index):
    body = WHOLE[:-4] + index.to_bytes(4, "little", signed=True)
    assert refusal(body).startswith("the features are malformed: ")


@pytest.mark.parametrize(
    "indptr",
    [
        [1, 1, 1, 3],
        [0, 2, 1, 3],
        [0, 1, 1, 2],
        [0, 1, 1, 4],
        [0, -1, 0, 3],
        [0, 2**31 - 1, 2**31 - 1, 0],
        [0, 2**31 - 1, -(2**31), 3],
    ],
)
def test_rows_with_invalid_starts_are_refused(indptr):
    place = HEADER_BYTES + 8 * 3
    body = WHOLE[:place] + np.array(indptr, "<i4").tobytes() + WHOLE[place + 16 :]
    assert refusal(body).startswith("the features are malformed: ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_with_a_value_that_is_not_finite_are_refused(value):
    rows = np.array([[1.0, value]])
    for body in (encode_features(csr_matrix(rows)), encode_features(rows)):
        assert refusal(body) == "the features are malformed: a value is not a finite number"


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(body):
    read_or_refuse(body)
    for whole in (WHOLE, DENSE):
        for place in (MAGIC_BYTES, COUNTS_AT, HEADER_BYTES):
            read_or_refuse(whole[:place] + body)


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=9)
)
@example([(24, 255), (31, 255)])
@settings(max_examples=400)
def test_rows_with_any_bytes_changed_are_read_or_refused(changes):
    body = bytearray(WHOLE)
    for place, value in changes:
        body[place] = value
    read_or_refuse(bytes(body))


def read_or_refuse(body):
    try:
        rows = decoded_rows(body)
    except RequestError as error:
        assert str(error).startswith("the features are malformed: ")
    else:
        assert np.isfinite(csr_matrix(rows).data).all()


def test_predict_fn_of_rows_of_another_width_names_both_widths(served):
    features = predict.input_fn(encode_features(csr_matrix((2, 3))), FEATURES)
    rejection = predict.predict_fn(features, served.classifier)
    width = served.classifier.estimator.n_features_in_
    assert (rejection.status, rejection.code) == (400, "InvalidInput")
    assert rejection.message == f"the rows have 3 features; expected {width}"


def test_input_fn_of_malformed_rows_returns_a_rejection():
    rejection = predict.input_fn(WHOLE[:-1], FEATURES)
    assert (rejection.status, rejection.code) == (400, "InvalidInput")


@pytest.mark.parametrize("content_type", ["application/json", "text/csv", ""])
def test_input_fn_of_the_second_stage_refuses_content_types_of_clients(content_type):
    response = predict.output_fn(predict.input_fn(b'["text"]', content_type), "*/*")
    error = json.loads(response.get_data())["error"]
    assert response.status_code == 415
    assert error["message"] == (
        f"the content type {content_type!r} is not accepted; expected one of {FEATURES}"
    )


def test_dense_rows_over_the_size_limit_are_refused_with_the_number_that_fits():
    most = (MAX_BYTES - 40) // (8 * 300)
    write_features(np.ones((most, 300)), RequestOptions(1, 1))
    with pytest.raises(PayloadTooLarge, match=f"Send at most {most} texts per request"):
        write_features(np.ones((most + 1, 300)), RequestOptions(1, 1))

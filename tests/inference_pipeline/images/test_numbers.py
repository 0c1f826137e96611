"""Numbers of a request become images for TensorFlow Serving, or the invalid item is named."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference_pipeline.content_types import IMAGE_TYPES
from inference_pipeline.images import read_images
from newsgroup_classifier.errors import RequestError, UnsupportedMediaType
from tests.inference_pipeline.images.image_files import IMAGE, npy, png, refusal, serving_request

JSON, NPY, PNG = IMAGE_TYPES
ROWS = IMAGE.tolist()
FLAT = IMAGE.reshape(784).tolist()
SHAPES = "expected 28 rows of 28 numbers, or 784 numbers"
NONE = "the request has no images; expected at least one"
PLACE = "item 1 row 3 column 5 is"
NUMBER = "expected a number from 0 to 255"


def with_value(value, row=3, column=5):
    """Return the rows with one value replaced."""
    rows = [list(each) for each in ROWS]
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ({"instances": [ROWS]}, 1),
        ({"instances": [FLAT, ROWS]}, 2),
        ([ROWS, ROWS, FLAT], 3),
        ([FLAT], 1),
        (ROWS, 1),
        (FLAT, 1),
    ],
)
def test_json_of_rows_or_flat_lists_becomes_rows(content, count):
    request = serving_request(json.dumps(content).encode(), JSON)
    assert request == {"signature_name": "serving_default", "instances": [ROWS] * count}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(json.dumps([ROWS]).encode(), JSON), (npy(IMAGE), NPY), (png(IMAGE), PNG)],
)
def test_one_byte_order_mark_is_dropped_from_every_content_type(body, content_type):
    mark = b"\xef\xbb\xbf"
    assert read_images(mark + body, content_type) == read_images(body, content_type)
    assert "is not" in refusal(mark + mark + body, content_type)


def test_json_in_utf_16_or_with_a_duplicate_key_is_refused():
    assert "is not UTF-8: byte 0" in refusal(json.dumps([ROWS]).encode("utf-16"), JSON)
    assert "the duplicate key 'instances'" in refusal(b'{"instances": [], "instances": []}', JSON)


@pytest.mark.parametrize("content_type", IMAGE_TYPES)
@pytest.mark.parametrize("body", [b"", b" \n"])
def test_empty_body_is_refused(body, content_type):
    assert refusal(body, content_type) == "the body is empty; expected at least one image"


@pytest.mark.parametrize("content_type", ["text/plain", "text/csv", "image/jpeg", ""])
def test_unsupported_content_type_lists_those_of_images(content_type):
    with pytest.raises(UnsupportedMediaType) as caught:
        read_images(b"[]", content_type)
    assert str(caught.value) == (
        f"the content type {content_type!r} is not accepted; expected one of application/json, "
        "application/x-npy, image/png"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], NONE),
        ({"instances": []}, NONE),
        (None, 'the JSON is null; expected a list of images or {"instances": [...]}'),
        (
            {"instances": None},
            'the JSON is null; expected a list of images or {"instances": [...]}',
        ),
        ({"images": [ROWS]}, "the JSON object has the keys 'images'; expected \"instances\" alone"),
        ([None], f"item 0 is null; {SHAPES}"),
        ([ROWS, "an image"], f"item 1 is a string; {SHAPES}"),
        (["an image"], f"item 0 is a string; {SHAPES}"),
        ({"instances": ROWS}, "item 0 row 0 is a number; expected 28 numbers"),
        ([ROWS[:27]], f"item 0 is a list of 27; {SHAPES}"),
        ([[0] * 783], f"item 0 is a list of 783; {SHAPES}"),
        (FLAT[:783], f"item 0 is a list of 783; {SHAPES}"),
        ([ROWS, [*ROWS[:27], ROWS[0][:9]]], "item 1 row 27 has 9 values; expected 28 numbers"),
        ([ROWS, [*ROWS[:27], None]], "item 1 row 27 is null; expected 28 numbers"),
        ([ROWS, with_value(None)], f"{PLACE} null; {NUMBER}"),
        ([ROWS, with_value("12")], f"{PLACE} a string; {NUMBER}"),
        ([ROWS, with_value(True)], f"{PLACE} a boolean; {NUMBER}"),
        ([ROWS, with_value([1])], f"{PLACE} a list; {NUMBER}"),
        ([ROWS, with_value(float("nan"))], f"{PLACE} nan; {NUMBER}"),
        ([ROWS, with_value(float("inf"))], f"{PLACE} inf; {NUMBER}"),
        ([ROWS, with_value(-0.5)], f"{PLACE} -0.5; {NUMBER}"),
        ([ROWS, with_value(256)], f"{PLACE} 256; {NUMBER}"),
        ([ROWS, with_value(10**400)], f"{PLACE} 100000000000; {NUMBER}"),
    ],
)
def test_invalid_json_is_refused_with_the_reason(content, message):
    assert refusal(json.dumps(content).encode(), JSON) == message


def test_malformed_json_is_refused_with_line_and_column():
    assert refusal(b"[[1,", JSON) == "the body is not JSON: Expecting value at line 1 column 5"
    assert refusal(b"\xff[]", JSON) == "the body is not UTF-8: byte 0 is 0xff"


@pytest.mark.parametrize("shape", [(28, 28), (784,), (1, 28, 28), (1, 784)])
@pytest.mark.parametrize("dtype", ["u1", "<f2", "<f4", ">f4", "<f8"])
def test_array_of_any_supported_shape_and_dtype_becomes_rows(shape, dtype):
    body = npy(IMAGE.reshape(shape).astype(dtype))
    assert serving_request(body, NPY) == {"signature_name": "serving_default", "instances": [ROWS]}


def test_array_stored_by_column_becomes_the_same_rows():
    assert serving_request(npy(np.asfortranarray(IMAGE)), NPY)["instances"] == [ROWS]


def test_images_of_an_array_keep_their_order():
    images = np.stack([IMAGE, 255 - IMAGE, IMAGE])
    assert serving_request(npy(images), NPY)["instances"] == images.tolist()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 28, 28), np.uint8), NONE),
        (np.zeros((2, 28, 28), np.int64), "the array has the dtype int64; expected uint8, "),
        (np.zeros((2, 28, 28), bool), "the array has the dtype bool; expected uint8, "),
        (np.zeros((2, 28, 28), "U3"), "the array has the dtype <U3; expected uint8, "),
        (np.zeros((2, 28, 27)), "the array has the shape (2, 28, 27); expected the shape (28"),
        (np.zeros(783), "the array has the shape (783,); expected the shape (28, 28), (784,), (n"),
        (np.zeros(()), "the array has the shape (); expected the shape (28, 28), (784,), (n, 28"),
        (np.zeros((1, 1, 28, 28)), "the array has the shape (1, 1, 28, 28); expected the shape "),
        (np.array([ROWS, with_value(np.nan)]), f"{PLACE} nan; {NUMBER}"),
        (np.array([ROWS, with_value(-np.inf)]), f"{PLACE} -inf; {NUMBER}"),
        (np.array([ROWS, with_value(255.5)]), f"{PLACE} 255.5; {NUMBER}"),
        (np.array([ROWS, with_value(-1.0)]), f"{PLACE} -1.0; {NUMBER}"),
    ],
)
def test_invalid_array_is_refused_with_the_reason(array, message):
    assert refusal(npy(array), NPY).startswith(message)


NOT_NPY = "the body is not a complete NPY file of numbers ("


def test_array_of_objects_is_refused_and_never_unpickled():
    assert refusal(npy(np.array([{"a": 1}], dtype=object)), NPY).startswith(NOT_NPY)


def test_array_that_is_cut_off_or_too_long_is_refused():
    body = npy(IMAGE)
    assert refusal(body[:-1], NPY).startswith(NOT_NPY)
    assert refusal(body + b"\0", NPY) == "the NPY file is corrupt: more bytes follow its array"


@pytest.mark.parametrize(
    "shape",
    [
        *("(9999999999999, 784)", "(-1, 784)", "(28.0, 28)", "((1,), 2)"),
        *("(0, 1" + "0" * 30 + ")", "(1" + "0" * 30 + ", 0)", "(" + "0, " * 70 + "28, 28)"),
    ],
)
def test_header_with_an_impossible_shape_is_refused(shape):
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117)
    body = b"\x93NUMPY\x01\x00" + (len(text) + 1).to_bytes(2, "little") + text + b"\n"
    assert refusal(body, NPY).startswith(NOT_NPY)
    assert refusal(body + bytes(784), NPY)


_literals = st.recursive(
    st.sampled_from(["u1", "<f4", "f4,f4", "V0", "O", "", True, None, 0, 28, 2**40, 2**70]),
    lambda inner: st.lists(inner, max_size=3).flatmap(lambda x: st.sampled_from([x, tuple(x)])),
    max_leaves=6,
)


@given(_literals, _literals)
@example((), (28, 28))
@example(("<f4",), (28, 28))
@example(("<f4", 2**70), (28, 28))
def test_header_with_any_type_and_shape_is_read_or_refused(kind, shape):
    text = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    body = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(784)
    with contextlib.suppress(RequestError):
        read_images(body, NPY)


@pytest.mark.parametrize(
    "body",
    [b"not an array", b"\x93NUMPY\x01\x00\xff\xff{" + b"(" * 60_000, b"\x93NUMPY\x09\x00\0\0\0\0"],
)
def test_body_that_is_not_an_npy_file_is_refused(body):
    assert refusal(body, NPY).startswith(NOT_NPY)


@given(
    arrays.arrays(
        st.sampled_from(["u1", "f4", "f8"]),
        st.sampled_from([(28, 28), (784,), (2, 28, 28), (3, 784)]),
        elements=st.integers(0, 255),
        fill=st.just(7),
    )
)
@settings(max_examples=30)
def test_array_of_any_numbers_in_range_is_preserved(array):
    instances = serving_request(npy(array), NPY)["instances"]
    assert np.array_equal(np.array(instances), array.reshape(-1, 28, 28))


@given(st.sampled_from(IMAGE_TYPES), st.binary(max_size=300), st.integers(0, 200))
@settings(max_examples=300)
def test_read_images_of_any_bytes_reads_or_refuses_them(content_type, noise, place):
    good = {JSON: json.dumps(ROWS).encode(), NPY: npy(IMAGE), PNG: png(IMAGE)}[content_type]
    for body in (noise, good[:place] + noise + good[place + len(noise) :]):
        try:
            assert serving_request(body, content_type)["instances"]
        except RequestError as error:
            assert str(error)

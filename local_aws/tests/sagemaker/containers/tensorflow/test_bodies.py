"""How the TensorFlow container reads and writes bodies, without starting a process."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_model_server.json_requests import parse, read_examples, read_request, to_array
from local_model_server.json_responses import columns_body, rows_body
from local_model_server.status import Status
from sagemaker_tensorflow_serving_container.bodies import WHITE_SPACE, from_csv, from_json
from sagemaker_tensorflow_serving_container.context import Target, read_target

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(width=64), st.booleans(), st.none(), st.text(max_size=2)
)
TREES = st.recursive(NUMBERS, lambda item: st.lists(item, max_size=3), max_leaves=8)
DTYPES = ("float", "double", "int32", "int64", "uint8", "bool", "string")
json_text = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda item: st.one_of(st.lists(item), st.dictionaries(st.text(), item)),
    max_leaves=4,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(), json_text, max_size=3))
def test_parsing_reverses_json_dumps(document):
    assert json.dumps(parse(json.dumps(document).encode())) == json.dumps(document)


@given(st.binary())
def test_parsing_any_bytes_returns_an_object_or_raises_status(content):
    try:
        assert isinstance(parse(content), dict)
    except Status as error:
        assert error.http == 400
        assert error.text.startswith(("JSON Parse error: ", "JSON Value: "))


@pytest.mark.observes("tfs-json")
@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'\xef\xbb\xbf {"a": 1} ', {"a": 1}),
        (b'{"a": 1}\n{"a": 2}', {"a": 1}),  # what follows the object is not read
        (b'{"a": 1, "b": 2, "a": 3}', {"a": 1, "b": 2}),  # the first member of a name counts
        (b'{"a": -Infinity}', {"a": -math.inf}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\N{GRINNING FACE}"}),
        (b'{"a": "\xe9"}', {"a": "\udce9"}),  # bytes that are not UTF-8
    ],
)
def test_parsing_reads_the_object_that_tensorflow_serving_reads(body, document):
    assert parse(body) == document


@pytest.mark.observes("tfs-json")
@pytest.mark.parametrize("number", ["1e400", "-2E+0309", f"{10**309}.0"])
def test_number_beyond_a_double_is_refused(number):
    message = "JSON Parse error: Number too big to be stored in double"
    for body in ('{"instances": [1, %s]}', '{"inputs": [%s]}'):
        with pytest.raises(Status, match=message):
            read_request((body % number).encode(), lambda _: {"x": "float"})
    with pytest.raises(Status, match=message):
        read_examples(b'{"examples": [{"x": 1.5, "y": [%s]}]}' % number.encode())


@pytest.mark.observes("tfs-json")
def test_infinity_and_numbers_beyond_a_float_are_infinite():
    request = read_request(b'{"instances": [1e-400, 1e39, -Infinity]}', lambda _: {"x": "float"})
    assert request.arrays["x"].tolist() == [0.0, math.inf, -math.inf]


@pytest.mark.observes("tfs-strings")
@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("YWJj\r\nZGU=\r\n", b"abcde"),  # lines as in e-mail, which base64.encodebytes writes
        ("YWJjZGU", b"abcde"),
        ("YWJjZ", None),
        ("YWJj-_", None),
    ],
)
def test_base64_is_decoded_with_white_space_and_without_padding(text, content):
    if content is None:
        with pytest.raises(Status, match="Unable to base64 decode"):
            to_array({"b64": text}, "string")
    else:
        assert to_array({"b64": text}, "string").item() == content


@given(TREES, st.sampled_from(DTYPES))
def test_any_value_becomes_an_array_or_an_error_with_status_400(tree, dtype):
    try:
        array = to_array(tree, dtype)
    except Status as error:
        assert error.http == 400
    else:
        assert array.size == array.ravel().size


@pytest.mark.observes("tfs-float-texts")
@given(st.lists(st.floats(width=32), min_size=1))
def test_floats_in_a_response_keep_their_exact_values(values):
    outputs = {"x": np.array(values, np.float32)}
    for body, key in ((rows_body(outputs), "predictions"), (columns_body(outputs), "outputs")):
        np.testing.assert_array_equal(np.array(json.loads(body)[key], np.float32), outputs["x"])


@pytest.mark.observes("tfs-float-texts")
@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1.0"), (0.2, "0.2"), (1 / 3, "0.333333343"), (math.nan, "NaN"), (-math.inf, "-Infinity")],
)
def test_float_has_six_or_nine_digits_in_a_response(value, text):
    body = rows_body({"x": np.array([value], np.float32)})
    assert body == f'{{\n    "predictions": [{text}]\n}}'.encode()


def test_several_outputs_are_objects_with_their_names():
    outputs = {"a": np.array([[1, 2], [3, 4]]), "b": np.array([True, False])}
    rows = [{"a": [1, 2], "b": True}, {"a": [3, 4], "b": False}]
    assert json.loads(rows_body(outputs)) == {"predictions": rows}
    columns = {name: value.tolist() for name, value in outputs.items()}
    assert json.loads(columns_body(outputs)) == {"outputs": columns}
    assert json.loads(rows_body({"a": np.zeros((0, 2))})) == {"predictions": []}


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ({"a": np.zeros(2), "b": np.zeros(3)}, "inconsistent batch sizes: {'a': 2, 'b': 3}"),
        ({"a": np.zeros(1, complex)}, "Failed to write JSON value for tensor type: complex128"),
        ({"a": np.zeros(1, np.float16)}, "Failed to write JSON value for tensor type: float16"),
        ({"a": np.zeros(1, np.uint16)}, "Failed to write JSON value for tensor type: uint16"),
    ],
)
def test_outputs_without_consistent_rows_are_rejected(outputs, words):
    with pytest.raises(Status, match=words):
        rows_body(outputs)


@pytest.mark.observes("tfs-front-csv")
@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        ("1,2\n3,4", "[1,2],[3,4]", "[1,2],[3,4]"),
        ("1\n2\n", "1,2", "1,2"),
        ("a b\nc", '"a b","c"', '"a b","c"'),
        ("a,b,c", '["a","b","c"]', '["a","b,c"]'),  # the older one cuts at its first comma only
        ('"a, b",c', '["a, b","c"]', '["a, b",c]'),
        ('"say ""hi"""', '"say \\"hi\\""', '"say ""hi"""'),
        ("\n\n1.5e3\n", "1.5e3", "1.5e3"),
        ("\ufeff1,2\r\n\xa03\ufeff", "[1,2],3", '["1","2"],"3"'),  # JavaScript trims such marks
        ("a\\b", '"a\\\\b"', '"a\\b"'),
    ],
)
def test_csv_becomes_instances(text, new, old):
    assert from_csv(text, is_old=False) == f'{{"instances":[{new}]}}'
    assert from_csv(text, is_old=True) == f'{{"instances":[{old}]}}'


# Without digits, which would become numbers, and without characters that JSON requires to escape.
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Nd", "Cc", "Cs", "Zl", "Zp"))),
            min_size=2,
            max_size=3,
        ),
        min_size=1,
    )
)
def test_csv_fields_reach_the_model_server_unchanged(rows):
    import csv
    import io

    file = io.StringIO()
    csv.writer(file).writerows(rows)
    instances = json.loads(from_csv(file.getvalue(), is_old=False))["instances"]
    assert [len(instance) for instance in instances] == [len(row) for row in rows]
    for instance, row in zip(instances, rows, strict=True):
        read = [str(field).strip(WHITE_SPACE) for field in instance]
        assert read == [field.strip(WHITE_SPACE) for field in row]


@pytest.mark.observes("tfs-front-wraps")
@pytest.mark.parametrize(
    ("text", "body"),
    [
        ('{"inputs": [1]}', '{"inputs": [1]}'),
        ('{"examples" : []}', '{"examples" : []}'),
        ("[[1], [2]]", '{"instances":[[1], [2]]}'),
        ("[1, 2]", '{"instances":[[1, 2]]}'),
        ('"text"', '{"instances":["text"]}'),
        ('{"a": 1}{"a": 2}', '{"instances":{"a": 1}{"a": 2}}'),  # the model server rejects it
        ('{"a": 1}\n{"a": 2}', '{"instances":[{"a": 1},{"a": 2}]}'),
    ],
)
def test_json_is_wrapped_by_pattern(text, body):
    assert from_json(text) == body


@pytest.mark.observes("tfs-attributes")
def test_attributes_become_a_path():
    target = read_target("tfs-model-name=m, tfs-model-version=3,tfs-method=classify,other=1")
    assert target == Target("m", "3", "classify")
    assert target.path("d") == "/v1/models/m/versions/3:classify"
    assert read_target(None).path("d", with_method=False) == "/v1/models/d"
    assert read_target("tfs-method=a=b") == Target()
    assert read_target("tfs-method=a=b", with_signs=True) == Target(method="a=b")


@pytest.mark.observes("tfs-attributes")
def test_missing_attributes_are_valid_and_invalid_ones_are_rejected():
    read_target("tfs-model-version=7,tfs-method=predict").check()
    with pytest.raises(ValueError, match="invalid tfs-model-name"):
        read_target("tfs-model-name=a model").check()

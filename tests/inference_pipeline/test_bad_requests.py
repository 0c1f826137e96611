"""An invalid request is refused with a status, a code and a message with the reason."""

import bz2
import gzip
import io
import json
import lzma
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline.content_types import REQUEST_TYPES
from inference_pipeline.texts import read_texts
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.text.visible import is_blank

JSON = "application/json"
LINES = "application/jsonlines"


def invalid(message):
    return 400, "InvalidInput", message


@pytest.mark.parametrize("content_type", REQUEST_TYPES)
@pytest.mark.parametrize(
    "body", ["", b"", " \r\n\t ", b"\n\n", b"\xef\xbb\xbf", "\ufeff\u200b\n", b"\0\0"]
)
@pytest.mark.observes("stages-empty")
def test_request_with_an_empty_or_blank_body_is_refused(refusal, body, content_type):
    expected = invalid("the body is empty; expected at least one text")
    assert refusal(body, content_type) == expected


@pytest.mark.parametrize("content_type", REQUEST_TYPES)
def test_request_that_is_not_utf_8_names_the_first_invalid_byte(refusal, content_type):
    expected = invalid("the body is not UTF-8: byte 3 is 0xe9")
    assert refusal("caf\xe9".encode("latin-1"), content_type) == expected


@pytest.mark.parametrize("content_type", REQUEST_TYPES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_request_in_utf_16_or_32_is_refused(refusal, content_type, encoding):
    expected = invalid("the body is not UTF-8: byte 0 is 0xff")
    assert refusal('["a text"]'.encode(encoding), content_type) == expected


def zipped(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("text", content)
    return file.getvalue()


@pytest.mark.parametrize("content_type", REQUEST_TYPES)
@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("gzip", gzip.compress),
        ("zip", zipped),
        ("bzip2", bz2.compress),
        ("xz", lzma.compress),
        ("zstd", lambda content: b"\x28\xb5\x2f\xfd" + content),
    ],
)
def test_compressed_request_names_the_compression(refusal, content_type, name, compress):
    assert refusal(compress(b'["a text"]'), content_type) == (
        415,
        "UnsupportedMediaType",
        f"the body is compressed with {name}; expected plain data. Send it uncompressed.",
    )


@pytest.mark.parametrize(
    ("body", "name", "key"),
    [
        ('{"instances": ["a"], "instances": ["b"]}', "the body", "'instances'"),
        ('{"instances": ["a"], "top": 1, "top": 2}', "the body", "'top'"),
        ('{"instances": [{"a text": 1, "a\\u0020text": 2}]}', "the body", "(1 not shown)"),
    ],
)
def test_request_of_json_with_a_duplicate_key_names_it(refusal, body, name, key):
    assert refusal(body, JSON) == invalid(
        f"{name} has the duplicate key {key}; expected each key of an object once"
    )


def test_request_of_json_lines_with_a_duplicate_key_names_the_item(refusal):
    assert refusal('"a"\n{"b": 1, "b": 2}', LINES) == invalid(
        "item 1 has the duplicate key 'b'; expected each key of an object once"
    )


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [('\ufeff\ufeff["a"]', JSON, "the body"), ('"a"\n\ufeff"b"', LINES, "item 1")],
)
def test_request_of_json_with_another_byte_order_mark_names_the_place(
    refusal, body, content_type, name
):
    assert refusal(body.encode(), content_type) == invalid(
        f"{name} is not JSON: unexpected byte order mark at line 1 column 1"
    )


@pytest.mark.parametrize("value", ["yes", "", "true"])
def test_csv_request_with_another_header_parameter_names_the_accepted_values(refusal, value):
    assert refusal("a", f"text/csv; header={value}") == (
        415,
        "UnsupportedMediaType",
        f"the content type's parameter header is {value!r}; expected present or absent",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("text\n", "the request has no texts; expected at least one"),
        (
            "id,text\na\n",
            "the header has 2 columns; expected one. Quote texts that contain commas, "
            "quotes or line breaks.",
        ),
        ('"text\na\n', "the body is not CSV: the header: unexpected end of data"),
        (
            "text\na\nb,c\n",
            "item 1 has 2 columns; expected one. Quote texts that contain commas, "
            "quotes or line breaks.",
        ),
        ("text\na\n \n", "item 1 is an empty text; expected at least one word"),
        ('text\na\n"b', "the body is not CSV: item 1: unexpected end of data"),
    ],
)
def test_csv_request_with_a_header_counts_items_after_it(refusal, body, message):
    assert refusal(body, "text/csv; header=present") == invalid(message)


@pytest.mark.parametrize(
    "content_type", ["", "text/html", "application/octet-stream", "text", "application/x-npy", ";"]
)
def test_request_of_an_unknown_content_type_lists_the_accepted_types(refusal, content_type):
    assert refusal("text", content_type) == (
        415,
        "UnsupportedMediaType",
        f"the content type {content_type!r} is not accepted; expected one of text/plain, text/csv, "
        "application/json, application/jsonlines",
    )


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "unknown"])
def test_request_in_another_charset_names_the_accepted_one(refusal, charset):
    assert refusal("text", f"text/plain; charset={charset}") == (
        415,
        "UnsupportedMediaType",
        f"the charset {charset!r} is not accepted; expected utf-8",
    )


def test_request_of_malformed_json_names_line_and_column(refusal):
    expected = invalid("the body is not JSON: Expecting ',' delimiter at line 2 column 1")
    assert refusal('["a"\n"b"]', JSON) == expected


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
def test_request_of_deeply_nested_json_is_refused(refusal, body):
    assert refusal(body, JSON) == invalid("the body is JSON that is nested too deeply")


def test_request_of_json_with_a_huge_number_is_refused(refusal):
    expected = invalid("the body has a number with too many digits")
    assert refusal("[" + "1" * 10_000 + "]", JSON) == expected


@pytest.mark.parametrize(
    ("body", "keys", "hint"),
    [
        ("{}", "no keys", ""),
        ('{"texts": ["a"]}', "the keys 'texts'", ""),
        ('{"instances": ["a"], "more": 1}', "the keys 'instances', 'more'", ""),
        ('{"instance": ["a"]}', "the keys 'instance'", "; did you mean instances?"),
        ('{"instances": [], "tops": 1}', "the keys 'instances', 'tops'", "; did you mean top?"),
    ],
)
def test_request_of_a_json_object_with_other_keys_names_them(refusal, body, keys, hint):
    expected = (
        f'the JSON object has {keys}; expected "instances", and optionally any of '
        f'"top", "neighbors", "explain"{hint}'
    )
    assert refusal(body, JSON) == invalid(expected)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("3", "a number"),
        ('"text"', "a string"),
        ("null", "null"),
        ("true", "a boolean"),
        ('{"instances": "text"}', "a string"),
        ('{"instances": {"a": 1}}', "an object"),
    ],
)
def test_request_of_json_that_is_not_a_list_names_its_type(refusal, body, kind):
    expected = f'the JSON is {kind}; expected a list of texts or {{"instances": [...]}}'
    assert refusal(body, JSON) == invalid(expected)


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("3", "a number"),
        ("0.5", "a number"),
        ("NaN", "a number"),
        ("true", "a boolean"),
        ("null", "null"),
        ('["nested"]', "a list"),
        ('{"data": "x"}', "an object"),
    ],
)
def test_request_with_an_item_that_is_not_a_string_names_its_index(refusal, item, kind):
    expected = invalid(f"item 2 is {kind}; expected a string")
    assert refusal(f'["a", "b", {item}, "d"]', JSON) == expected
    assert refusal(f'{{"instances": ["a", "b", {item}, 7]}}', JSON) == expected
    assert refusal(f'"a"\n"b"\n{item}\n"d"\n', LINES) == expected


@pytest.mark.parametrize("empty", ["", " ", "\n", "\t \u00a0\u2003", "\u200b", "\ufeff", "\0"])
def test_request_with_an_empty_text_among_others_names_its_index(refusal, empty):
    expected = invalid("item 1 is an empty text; expected at least one word")
    assert refusal(json.dumps(["a", empty, "c"]), JSON) == expected
    assert refusal("\n".join(map(json.dumps, ["a", empty, "c"])), LINES) == expected
    assert refusal(f'a\r\n"{empty}"\r\nc', "text/csv") == expected


@pytest.mark.parametrize("body", ["[]", '{"instances": []}'])
def test_request_of_an_empty_list_is_refused(refusal, body):
    assert refusal(body, JSON) == invalid("the request has no texts; expected at least one")


def test_request_of_json_lines_with_a_malformed_line_names_its_index(refusal):
    expected = invalid("item 1 is not JSON: Expecting value at line 1 column 1")
    assert refusal('"a"\nplain\n"c"', LINES) == expected


def test_request_of_json_lines_with_a_blank_line_names_its_index(refusal):
    status, code, message = refusal('"a"\n\n"c"', LINES)
    assert (status, code) == (400, "InvalidInput")
    assert message.startswith("item 1 is not JSON: ")


def test_request_of_csv_with_several_columns_names_its_index(refusal):
    assert refusal("one\nsome, more\n", "text/csv") == invalid(
        "item 1 has 2 columns; expected one. Quote texts that contain commas, quotes or line "
        "breaks."
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('one\n"left open', "unexpected end of data"),
        ('one\n"closed" early"', "',' expected after '\"'"),
    ],
)
def test_request_of_csv_with_malformed_quotes_names_its_index(refusal, body, reason):
    assert refusal(body, "text/csv") == invalid(f"the body is not CSV: item 1: {reason}")


def test_request_of_csv_with_an_empty_line_names_its_index(refusal):
    expected = invalid("item 1 is an empty text; expected at least one word")
    assert refusal("one\n\nthree", "text/csv") == expected


@pytest.mark.parametrize("content_type", REQUEST_TYPES)
@given(body=st.binary() | st.text() | st.sampled_from(['["a"', '"a', "[1]", '{"instances": 1}']))
@settings(max_examples=100)
def test_read_texts_of_any_body_returns_texts_or_refuses_it(content_type, body):
    try:
        texts = read_texts(body, content_type)
    except RequestError as error:
        assert str(error)
    else:
        assert texts
        assert all(isinstance(text, str) and not is_blank(text) for text in texts)


@given(st.text())
@settings(max_examples=200)
def test_read_texts_of_any_content_type_reads_or_refuses_the_body(content_type):
    try:
        assert read_texts("text", content_type) == ["text"]
    except RequestError as error:
        assert str(error)

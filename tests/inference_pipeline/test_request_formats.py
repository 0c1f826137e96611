"""Each content type carries the same texts to the first stage."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import preprocess
from inference_pipeline.texts import read_texts
from tests.inference_pipeline.any_body.generated import csv_of, visible_texts

TEXTS = ['plain, "quoted"\nand\r\nlines', "caf\xe9 \u4f60\u597d \U0001f600", " a ", "NA", "1"]
ANY_TEXTS = st.lists(visible_texts, min_size=1, max_size=5)


def json_lines_of(texts):
    return "".join(json.dumps(item) + "\n" for item in texts)


BODIES = [
    (csv_of(TEXTS), "text/csv"),
    (csv_of(TEXTS, lineterminator="\n"), "text/csv"),
    (csv_of(TEXTS).removesuffix("\r\n"), "text/csv"),
    (json.dumps(TEXTS), "application/json"),
    (json.dumps(TEXTS, ensure_ascii=False), "application/json"),
    (json.dumps({"instances": TEXTS}, indent=2), "application/json"),
    (json_lines_of(TEXTS), "application/jsonlines"),
    (json_lines_of(TEXTS).removesuffix("\n"), "application/jsonlines"),
    (json_lines_of(TEXTS).replace("\n", "\r\n"), "application/jsonlines"),
]


@pytest.mark.parametrize(("body", "content_type"), BODIES)
@pytest.mark.parametrize("form", [str, str.encode], ids=["str", "bytes"])
def test_input_fn_reads_texts_of_each_content_type(body, content_type, form):
    assert preprocess.input_fn(form(body), content_type).texts == TEXTS


@pytest.mark.parametrize("form", [str, str.encode], ids=["str", "bytes"])
def test_input_fn_reads_plain_text_as_one_unchanged_text(form):
    for text in TEXTS:
        assert preprocess.input_fn(form(text), "text/plain").texts == [text]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=utf-8",
        "text/plain;charset=UTF-8",
        'text/plain; charset="utf-8"',
        "text/plain; charset=utf8",
        "text/plain; charset=us-ascii",
        "text/plain; format=flowed",
        "TEXT/PLAIN",
        "Text/Plain; Charset=UTF-8",
        " text/plain ",
    ],
)
@pytest.mark.observes("stages-charset")
def test_input_fn_accepts_a_content_type_with_parameters_or_capitals(content_type):
    assert preprocess.input_fn(b"some text", content_type).texts == ["some text"]


def test_input_fn_reads_csv_without_quotes_as_one_text_per_line():
    assert preprocess.input_fn("one\ntwo words\nthree", "text/csv").texts == [
        "one",
        "two words",
        "three",
    ]


@pytest.mark.parametrize(("body", "content_type"), [*BODIES, ("a, 'b'", "text/plain")])
@pytest.mark.parametrize("form", [str, str.encode], ids=["str", "bytes"])
def test_input_fn_drops_one_byte_order_mark_of_each_content_type(body, content_type, form):
    marked = preprocess.input_fn(form("\ufeff" + body), content_type)
    assert marked == preprocess.input_fn(form(body), content_type)


def test_input_fn_keeps_a_second_byte_order_mark_and_those_within_texts():
    assert preprocess.input_fn("\ufeff\ufeffa\n\ufeffb", "text/csv").texts == ["\ufeffa", "\ufeffb"]


@pytest.mark.parametrize(
    ("content_type", "texts"),
    [
        ("text/csv", ["a,\ntext", "b", "c"]),
        ("text/csv; header=absent", ["a,\ntext", "b", "c"]),
        ("text/csv; header=present", ["b", "c"]),
        ('Text/CSV; charset=utf-8; Header="Present"', ["b", "c"]),
    ],
)
def test_input_fn_does_not_predict_the_header_of_csv(content_type, texts):
    for body in ('"a,\ntext"\nb\nc\n', '\ufeff"a,\ntext"\nb\nc'):
        assert preprocess.input_fn(body.encode(), content_type).texts == texts


def test_input_fn_accepts_any_header_that_is_not_a_text():
    assert preprocess.input_fn('""\na\n', "text/csv; header=present").texts == ["a"]


def test_input_fn_reads_doubled_quotes_in_csv_as_single_ones():
    assert preprocess.input_fn('"say ""hi"""\n', "text/csv").texts == ['say "hi"']


def test_input_fn_reads_a_text_over_the_limit_of_the_csv_module():
    text = "word " * 100_000
    assert preprocess.input_fn(csv_of([text]), "text/csv").texts == [text]


@given(ANY_TEXTS)
@settings(max_examples=100)
def test_read_texts_of_csv_returns_any_texts_unchanged(texts):
    assert read_texts(csv_of(texts).encode(), "text/csv") == texts


@given(ANY_TEXTS)
@settings(max_examples=100)
def test_read_texts_of_json_returns_any_texts_unchanged(texts):
    assert read_texts(json.dumps(texts), "application/json") == texts
    assert read_texts(json.dumps({"instances": texts}), "application/json") == texts


@given(ANY_TEXTS)
@settings(max_examples=100)
def test_read_texts_of_json_lines_returns_any_texts_unchanged(texts):
    assert read_texts(json_lines_of(texts), "application/jsonlines") == texts
    unescaped = "\n".join(json.dumps(text, ensure_ascii=False) for text in texts)
    assert read_texts(unescaped.encode(), "application/jsonlines") == texts


def test_all_content_types_return_the_same_predictions(served):
    posts = served.posts[:3]
    bodies = [
        (csv_of(posts), "text/csv"),
        (json.dumps(posts), "application/json"),
        (json.dumps({"instances": posts}), "application/json"),
        (json_lines_of(posts), "application/jsonlines"),
    ]
    first, *others = [served.predictions(body, content_type) for body, content_type in bodies]
    assert all(other == first for other in others)

"""Predictions are answered in the type that Accept asks for, with the same content."""

import contextlib
import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import preprocess
from inference_pipeline.content_types import ANSWER_TYPES, answer_type
from newsgroup_classifier.errors import NotAcceptable

JSON, JSON_LINES, CSV = ANSWER_TYPES


@pytest.fixture
def answer(served):
    """Return the answer to three posts for an Accept header."""
    body = json.dumps(served.posts[:3])
    return lambda accept: served.answer(body, "application/json", accept)


def test_output_fn_asked_for_json_answers_an_object_of_predictions(answer, served):
    body, content_type = answer("application/json")
    predictions = json.loads(body)["predictions"]
    assert (content_type, len(predictions)) == ("application/json", 3)
    assert list(predictions[0]) == ["label", "probability", "probabilities"]


@pytest.mark.observes("stages-response-type")
def test_output_fn_asked_for_json_lines_answers_a_prediction_a_line(answer):
    body, content_type = answer("application/jsonlines")
    expected = json.loads(answer("application/json")[0])["predictions"]
    assert content_type == "application/jsonlines"
    assert body.endswith("\n")
    assert [json.loads(line) for line in body.splitlines()] == expected


def test_output_fn_asked_for_csv_answers_label_and_probability(answer):
    body, content_type = answer("text/csv")
    expected = json.loads(answer("application/json")[0])["predictions"]
    assert content_type == "text/csv"
    rows = [(label, float(value)) for label, value in csv.reader(io.StringIO(body))]
    assert rows == [(item["label"], item["probability"]) for item in expected]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/json; charset=utf-8", JSON),
        ("text/csv; charset=utf-8; q=0.5", CSV),
        ("application/*", JSON),
        ("text/*", CSV),
        ("text/csv", CSV),
        ("application/jsonlines", JSON_LINES),
        ("application/json;q=0.1, text/csv;q=0.9", CSV),
        ("text/csv;q=0.1, application/json;q=0.9", JSON),
        ("text/html, application/jsonlines;q=0.5", JSON_LINES),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("text/csv, */*;q=0.1", CSV),
        ("application/json;q=0, text/csv;q=0.1", CSV),
        ("application/json,text/csv", JSON),
    ],
)
@pytest.mark.observes("stages-accept")
def test_answer_type_of_an_accept_header_is_the_best_of_ours(accept, expected):
    assert answer_type(accept) == expected


@pytest.mark.parametrize("accept", ["text/html", "image/*", "json", "application/json;q=0", ","])
def test_answer_type_of_an_accept_header_without_any_of_ours_names_ours(accept):
    with pytest.raises(NotAcceptable) as caught:
        answer_type(accept)
    assert str(caught.value) == (
        f"no answer can be given as {accept!r}; expected one of application/json, "
        "application/jsonlines, text/csv"
    )


@given(st.text())
@settings(max_examples=200)
def test_answer_type_of_any_header_is_ours_or_refused(accept):
    with contextlib.suppress(NotAcceptable):
        assert answer_type(accept) in ANSWER_TYPES


def test_output_fn_asked_for_an_unacceptable_type_answers_406(answer):
    response = answer("text/html")
    error = json.loads(response.get_data())["error"]
    assert (response.status_code, error["code"]) == (406, "UnsupportedMediaType")
    assert error["message"].startswith("no answer can be given as 'text/html'; expected one of")


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html"])
@pytest.mark.observes("stages-response-type")
def test_output_fn_of_the_first_stage_names_the_features_whatever_is_accepted(accept):
    assert preprocess.output_fn(b"features", accept) == (b"features", "application/x-sparse-rows")

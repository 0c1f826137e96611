"""Responses have the type that the Accept header selects, and the same content in each."""

import contextlib
import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_pipeline import preprocess
from inference_pipeline.content_types import RESPONSE_TYPES, response_type
from inference_pipeline.responses import Prediction, write_predictions
from newsgroup_classifier.errors import NotAcceptable, RequestError

JSON, JSON_LINES, CSV = RESPONSE_TYPES


@pytest.fixture
def answer(served):
    """Return a function from an Accept header to the response for three posts."""
    body = json.dumps(served.posts[:3])
    return lambda accept: served.answer(body, "application/json", accept)


def test_output_fn_for_json_returns_an_object_of_predictions(answer, served):
    body, content_type = answer("application/json")
    predictions = json.loads(body)["predictions"]
    assert (content_type, len(predictions)) == ("application/json", 3)
    assert list(predictions[0]) == ["label", "probability", "probabilities"]


@pytest.mark.observes("stages-response-type")
def test_output_fn_for_json_lines_returns_one_prediction_per_line(answer):
    body, content_type = answer("application/jsonlines")
    expected = json.loads(answer("application/json")[0])["predictions"]
    assert content_type == "application/jsonlines"
    assert body.endswith("\n")
    assert [json.loads(line) for line in body.splitlines()] == expected


def test_output_fn_for_csv_returns_label_and_probability(answer):
    body, content_type = answer("text/csv")
    expected = json.loads(answer("application/json")[0])["predictions"]
    assert content_type == "text/csv"
    rows = [(label, float(value)) for label, value in csv.reader(io.StringIO(body))]
    assert rows == [(item["label"], item["probability"]) for item in expected]


def test_csv_of_a_transform_refuses_a_label_with_a_line_end_by_number(monkeypatch):
    predictions = [Prediction("a", {"a": 0.5, "two\nlines": 0.5})]
    assert write_predictions(predictions, CSV) == "a,0.5\n"  # CSV of a request may have line ends
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    with pytest.raises(RequestError) as caught:
        write_predictions(predictions, CSV)
    assert str(caught.value) == (
        "the name of label 1 has a line end, but a CSV output of a transform has one line per "
        "record; expected an Accept header with application/jsonlines. With --join or filters, "
        "write the input as .jsonl files."
    )
    assert len(write_predictions(predictions, JSON_LINES).splitlines()) == 1
    assert write_predictions([Prediction("a", {"a": 1.0})], CSV) == "a,1.0\n"


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
def test_response_type_of_an_accept_header_is_the_best_supported_one(accept, expected):
    assert response_type(accept) == expected


@pytest.mark.parametrize("accept", ["text/html", "image/*", "json", "application/json;q=0", ","])
def test_response_type_of_an_accept_header_without_a_match_lists_the_supported_types(accept):
    with pytest.raises(NotAcceptable) as caught:
        response_type(accept)
    assert str(caught.value) == (
        f"the Accept header {accept!r} matches no response type; expected one of "
        "application/json, application/jsonlines, text/csv"
    )


@given(st.text())
@settings(max_examples=200)
def test_response_type_of_any_header_is_supported_or_refused(accept):
    with contextlib.suppress(NotAcceptable):
        assert response_type(accept) in RESPONSE_TYPES


def test_output_fn_for_an_unacceptable_type_returns_406(answer):
    response = answer("text/html")
    error = json.loads(response.get_data())["error"]
    assert (response.status_code, error["code"]) == (406, "UnsupportedMediaType")
    assert error["message"].startswith("the Accept header 'text/html' matches no response type")


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html"])
@pytest.mark.observes("stages-response-type")
def test_output_fn_of_the_first_stage_returns_features_for_any_accept_header(accept):
    assert preprocess.output_fn(b"features", accept) == (b"features", "application/x-sparse-rows")

"""Requests that the endpoint refuses, with status and JSON error, and content negotiation."""

import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import assume, given, settings

from inference_pipeline.content_types import REQUEST_TYPES
from inference_pipeline.texts import read_texts
from newsgroup_classifier.errors import RequestError
from tests.end_to_end.posts import invoke, predictions
from tests.inference_pipeline.any_body.generated import requests

JSON = "application/json"
LINES = "application/jsonlines"


def refused(release, body, content_type, accept=JSON):
    """Return the status, code and message of a request that a container refuses."""
    with pytest.raises(ClientError) as raised:
        invoke(release, body, content_type, Accept=accept)
    response = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["Error"]["Code"] == "ModelError"
    error = json.loads(response["OriginalMessage"])["error"]
    assert set(error) == {"code", "message", "accepted", "request_id"}
    assert "Traceback" not in response["OriginalMessage"]
    return response["OriginalStatusCode"], error["code"], error["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b" \n", "text/plain", "the body is empty; expected at least one text"),
        (b"caf\xe9", "text/plain", "the body is not UTF-8: byte 3 is 0xe9"),
        (b'["caf\xe9"]', JSON, "the body is not UTF-8: byte 5 is 0xe9"),
        ('["a"', JSON, "the body is not JSON: "),
        ('{"texts": ["a"]}', JSON, "the JSON object has the keys 'texts'; expected"),
        ('{"instances": "a"}', JSON, "the JSON is a string; expected a list of texts"),
        ("5", JSON, "the JSON is a number; expected a list of texts"),
        ("[]", JSON, "the request has no texts; expected at least one"),
        ('["good", "good", 3, "good"]', JSON, "item 2 is a number; expected a string"),
        ('["good", null]', JSON, "item 1 is null; expected a string"),
        ('["good", ["nested"]]', JSON, "item 1 is a list; expected a string"),
        ('["good", ""]', JSON, "item 1 is an empty text; expected at least one word"),
        ('"good"\n{}\n', LINES, "item 1 is an object; expected a string"),
        ('"good"\n"bad\n', LINES, "item 1 is not JSON: "),
        (b"\xef\xbb\xbf", "text/csv", "the body is empty; expected at least one text"),
        ('["good", "\u200b"]', JSON, "item 1 is an empty text; expected at least one word"),
        ('{"instances": ["a"], "instances": ["b"]}', JSON, "the body has the duplicate key 'ins"),
        ("good\na,b\n", "text/csv", "item 1 has 2 columns; expected one"),
        ('good\n"open', "text/csv", "the body is not CSV: "),
    ],
)
@pytest.mark.observes("stages-error", "stages-empty")
def test_invalid_body_is_a_400_with_the_fault_and_its_position(
    release, body, content_type, message
):
    status, code, error = refused(release, body, content_type)
    assert (status, code) == (400, "InvalidInput")
    assert error.startswith(message)


@pytest.mark.slow
@pytest.mark.parametrize("content_type", REQUEST_TYPES)
def test_endpoint_answers_generated_bodies_as_its_reader_of_texts_does(release, content_type):
    """Over HTTP, through the local AWS and both containers."""

    @given(requests(content_type))
    @settings(max_examples=100, deadline=10_000, database=None)
    def check(request):
        assume(request[0])  # SageMaker itself refuses an empty body
        try:
            texts = read_texts(*request)
        except RequestError as error:
            assert refused(release, *request)[:2] == (error.status, error.code)
        else:
            assert len(predictions(release, *request)) == len(texts)

    check()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("a text", "image/png"),
        ("a text", "application/x-npy"),
        ("a text", "text/plain; charset=utf-16"),
        # The second container reads it, but only from the first one.
        (b"features", "application/x-sparse-rows"),
    ],
)
@pytest.mark.observes("stages-error-code", "stages-error")
def test_unknown_content_type_is_a_415(release, body, content_type):
    status, code, _ = refused(release, body, content_type)
    assert (status, code) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("accept", ["image/png", "text/html, application/xml"])
@pytest.mark.observes("stages-error-code", "stages-error")
def test_accept_header_without_a_supported_type_is_a_406(release, accept):
    status, code, message = refused(release, "a text", "text/plain", accept)
    assert (status, code) == (406, "UnsupportedMediaType")
    assert accept in message


def test_empty_body_is_refused_before_it_reaches_a_container(release):
    with pytest.raises(ClientError) as raised:
        invoke(release, b"", "text/plain")
    assert raised.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain; charset=utf-8", "a text"),
        ("text/plain;charset=UTF-8", "a text"),
        ('application/json; charset="utf-8"', '["a text"]'),
        ("Application/JSON", '["a text"]'),
        ("text/csv; header=absent", "a text"),
    ],
)
@pytest.mark.observes("stages-charset")
def test_content_type_with_parameters_is_accepted(release, content_type, body):
    response = invoke(release, body, content_type, Accept=JSON)
    assert len(json.loads(response["Body"].read())["predictions"]) == 1


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", JSON),
        ("text/html, application/json;q=0.9, */*;q=0.1", JSON),
        ("text/csv;q=0.5, application/jsonlines", LINES),
        ("image/png, text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json; charset=utf-8", JSON),
    ],
)
@pytest.mark.observes("stages-accept", "stages-response-type")
def test_response_has_the_best_type_of_the_accept_header(release, accept, expected):
    response = invoke(release, "a text", "text/plain", Accept=accept)
    assert response["ContentType"].split(";")[0] == expected


def test_response_without_an_accept_header_is_json(release):
    response = invoke(release, "a text", "text/plain")
    assert response["ContentType"].split(";")[0] == JSON


@pytest.mark.observes("stages-response-type", "stages-accept")
def test_json_response_to_a_request_with_a_charset_has_no_charset(release):
    response = invoke(release, '["a text"]', f"{JSON}; charset=utf-8", Accept="*/*")
    assert response["ContentType"] == JSON


def test_endpoint_serves_after_it_refused_requests(release):
    for _ in range(3):
        refused(release, "[5]", JSON)
    response = invoke(release, "a text", "text/plain")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200

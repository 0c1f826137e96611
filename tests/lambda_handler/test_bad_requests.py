"""Bad input from every event source is refused with a reason, and is never a 500."""

import base64
import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_handler.texts import MAX_BYTES
from tests.lambda_handler.calling import CONTEXT, answer, http_event, refusal

JSON = {"content-type": "application/json"}
every_version = pytest.mark.parametrize("version", ["2", "1"])
DEEP = "[" * 100_000 + "]" * 100_000


@every_version
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "the body is empty"),
        ("", "the body is empty"),
        (" \n", "the body is empty"),
        (5, "the event's body has the type int"),
        ("{", "the body is not JSON: Expecting property name"),
        ("{'text': 'x'}", "the body is not JSON: Expecting property name"),
        ('{"text": NaN}', "NaN is not a JSON number"),
        ('{"instances": [-Infinity]}', "-Infinity is not a JSON number"),
        (DEEP, "the body is JSON that is nested too deeply"),
        ("[" + "9" * 5000 + "]", "the body has a number with too many digits"),
        ('{"text": "a", "text": "b"}', "the body has the duplicate key 'text'; expected each key"),
        ('{"instances": [], "instances": ["a"]}', "the body has the duplicate key 'instances'"),
        ('[{"a": 1, "a": 2}]', "the body has the duplicate key 'a'"),
        ("\ufeff", "the body is empty"),
        ("\ufeff\ufeff[]", "not JSON: unexpected byte order mark at line 1 column 1"),
        ('["a", "\u200b"]', "item 1 is an empty text"),
        ('["\\u0000"]', "item 0 is an empty text"),
        ("{}", "the JSON object has no keys; expected"),
        ('{"texts": ["a"]}', "the JSON object has the keys 'texts'"),
        (
            '{"text": "a", "more": 1}',
            "the JSON object has the keys 'text', 'more'; expected \"text\" or \"instances\", and "
            'optionally "explain"',
        ),
        ('{"text": "a", "explian": 3}', 'optionally "explain"; did you mean explain?'),
        ('{"text": "a", "instances": ["a"]}', "the JSON object has the keys 'text', 'instances'"),
        ('{"text": "a", "explain": 0}', '"explain" is 0; expected an integer from 1 to 2147483647'),
        ('{"text": "a", "explain": 1.5}', '"explain" is a number; expected an integer'),
        ('{"text": "a", "explain": 1e400}', '"explain" is a number; expected an integer'),
        ('{"text": "a", "explain": true}', '"explain" is a boolean; expected an integer'),
        ('{"instances": ["a"], "explain": null}', '"explain" is null; expected an integer'),
        ('{"explain": 5}', "the JSON object has the keys 'explain'; expected"),
        (
            json.dumps({"instances": ["a"] * 11, "explain": 5}),
            'the request has 11 texts; with "explain", expected at most 10',
        ),
        (
            json.dumps({"instances": ["a " * 10_000] * 10, "explain": 5}),
            '(words + 1) x characters of the texts add up to 40,200,000; with "explain", expected',
        ),
        ('{"text": 5}', "item 0 is a number; expected a string"),
        ('{"text": null}', "item 0 is null; expected a string"),
        ('{"text": ["a"]}', "item 0 is a list; expected a string"),
        ('{"instances": "a"}', '"instances" is a string; expected a list of texts'),
        ('{"instances": null}', '"instances" is null; expected a list of texts'),
        ('{"instances": []}', "the request has no texts"),
        ("[]", "the request has no texts"),
        ('["a", true]', "item 1 is a boolean; expected a string"),
        ('["a", {"text": "b"}]', "item 1 is an object; expected a string"),
        ('{"text": ""}', "item 0 is an empty text"),
        ('["a", " \\t\\u00a0"]', "item 1 is an empty text"),
        ('"a"', "the JSON is a string; expected"),
        ("5", "the JSON is a number; expected"),
        ("null", "the JSON is null; expected"),
        ('["a\\ud800"]', "item 0 has a lone surrogate"),
        ('{"\\ud800": 1}', "the JSON object has the keys (1 not shown)"),
        (json.dumps(["a"] * 101), "the request has 101 texts; expected at most 100"),
    ],
)
def test_predict_with_a_bad_body_returns_400_with_the_reason(handler, version, body, reason):
    event = http_event(version, body=body, headers=JSON)
    status, code, message = refusal(handler, event)
    assert (status, code) == (400, "InvalidInput")
    assert reason in message


@every_version
@pytest.mark.parametrize("body", ["%%%", "YQ", "YQ==YQ==", "ü", "a" * 5])
def test_predict_with_invalid_base64_returns_400(handler, version, body):
    event = http_event(version, body=body, isBase64Encoded=True)
    status, code, message = refusal(handler, event)
    assert (status, code) == (400, "InvalidInput")
    assert "base64" in message


@pytest.mark.parametrize("body", [b"\xff", b'["\xc3"]', b"\xed\xa0\x80", "é".encode("utf-16")])
def test_predict_with_bytes_that_are_not_utf8_returns_400(handler, body):
    event = http_event(body=base64.b64encode(body).decode(), isBase64Encoded=True)
    status, code, message = refusal(handler, event)
    assert (status, code) == (400, "InvalidInput")
    assert "not UTF-8: byte" in message


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (gzip.compress(b'["a"]', mtime=0), JSON, "the body is compressed with gzip"),
        (b"a", JSON | {"Content-Encoding": "gzip"}, "the content encoding 'gzip' is not accepted"),
        (b"a", JSON | {"content-encoding": "br"}, "the content encoding 'br' is not accepted"),
    ],
)
def test_predict_with_a_compressed_body_returns_415_and_names_it(handler, body, headers, reason):
    event = http_event(body=base64.b64encode(body).decode(), headers=headers, isBase64Encoded=True)
    status, code, message = refusal(handler, event)
    assert (status, code) == (415, "UnsupportedMediaType")
    assert reason in message


@every_version
@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_predict_drops_one_byte_order_mark(handler, version, content_type):
    headers = {"content-type": content_type}
    plain = http_event(version, body='["a raven"]', headers=headers)
    marked = http_event(version, body='\ufeff["a raven"]', headers=headers)
    assert answer(handler, marked) == answer(handler, plain)
    assert answer(handler, marked)[0] == 200


@every_version
@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_predict_with_six_megabytes_returns_413(handler, version, content_type):
    body = json.dumps({"text": "a " * 3_000_000})
    event = http_event(version, body=body, headers={"content-type": content_type})
    status, code, message = refusal(handler, event)
    assert (status, code) == (413, "PayloadTooLarge")
    assert f"{MAX_BYTES:,}" in message


@every_version
@pytest.mark.parametrize(
    "content_type",
    ["text/csv", "application/x-www-form-urlencoded", "json", ";", "text/plain; charset=latin-1"],
)
def test_predict_with_another_content_type_returns_415(handler, version, content_type):
    event = http_event(version, headers={"content-type": content_type})
    assert refusal(handler, event)[:2] == (415, "UnsupportedMediaType")


@every_version
@pytest.mark.parametrize("body", [None, "", "a"])
def test_predict_refuses_the_content_type_before_an_empty_body(handler, version, body):
    event = http_event(version, body=body, headers={"content-type": "text/csv"})
    assert refusal(handler, event)[:2] == (415, "UnsupportedMediaType")


@every_version
@pytest.mark.parametrize(
    "path", ["/page", "//", "/predict/", "/Predict", "/health/x", "/../predict"]
)
def test_unknown_route_returns_404_with_the_routes(handler, version, path):
    status, code, message = refusal(handler, http_event(version, path=path))
    assert (status, code) == (404, "NotFound")
    assert "/predict, /health, /openapi.json" in message


@every_version
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/predict", "POST"), ("DELETE", "/predict", "POST"), ("POST", "/health", "GET")],
)
def test_wrong_method_returns_405_with_the_allowed_one(handler, version, method, path, allowed):
    event = http_event(version, method, path)
    assert refusal(handler, event)[:2] == (405, "MethodNotAllowed")
    assert handler(event, CONTEXT)["headers"]["allow"] == allowed


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": None},
        {"headers": []},
        {"headers": {"content-type": None}},
        {"requestContext": {"http": {}}},
        {"requestContext": {"http": {"method": None, "path": 5}, "stage": {}, "requestId": 7}},
        {"rawPath": None},
        {"isBase64Encoded": "true"},
    ],
)
def test_hand_written_event_with_odd_members_never_returns_500(handler, changes):
    response = handler(http_event() | changes, CONTEXT)
    assert response["statusCode"] in (200, 400, 404, 405)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
quick = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(body=json_values.map(json.dumps) | st.text(), base64_flag=st.booleans())
def test_any_body_returns_200_or_400(handler, body, base64_flag):
    event = http_event(body=body, isBase64Encoded=base64_flag, headers=JSON)
    assert answer(handler, event)[0] in (200, 400)


@quick
@given(event=json_values)
def test_any_direct_event_returns_predictions_or_an_error(handler, event):
    response = handler(event, CONTEXT)
    assert set(response) == {"predictions"} or response["error"]["code"] == "InvalidInput"

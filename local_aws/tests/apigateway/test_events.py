"""The events of payload formats 2.0 and 1.0, and the results of functions."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.apigateway.errors import Refusal
from local_aws.apigateway.events import ApiRequest, Place, build_event
from local_aws.apigateway.responses import read_response
from local_aws.apigateway.routing import Match, Target
from local_aws.apigateway.stages import fill

PLACE = Place("123456789012", "abc", "$default", {"color": "red"})
FORMATS = ("1.0", "2.0")
pairs = st.lists(st.tuples(st.text("abc", min_size=1, max_size=2), st.text("xyz", max_size=2)))


def event(payload_format: str, **changes):
    """Return the event of a request."""
    request = {
        "method": "POST",
        "path": "/items/7",
        "query": "a=1&b=2&a=3",
        "headers": {"content-type": "application/json", "cookie": "c=d; e=f", "x-own": "1,2"},
        "body": b'{"text": "x"}',
        "source_ip": "127.0.0.1",
        "domain": "abc.execute-api.us-east-1.amazonaws.com",
        "request_id": "id=",
        "epoch_ms": 1_700_000_000_000,
    } | changes
    match = Match("POST /items/{id}", Target("f", None, payload_format, 30.0), {"id": "7"})
    return build_event(ApiRequest(**request), match, PLACE)


@pytest.mark.observes("api-event-2")
def test_event_of_format_2_has_the_members_of_aws():
    assert event("2.0") == {
        "version": "2.0",
        "routeKey": "POST /items/{id}",
        "rawPath": "/items/7",
        "rawQueryString": "a=1&b=2&a=3",
        "cookies": ["c=d", "e=f"],
        "headers": {"content-type": "application/json", "x-own": "1,2"},
        "queryStringParameters": {"a": "1,3", "b": "2"},
        "pathParameters": {"id": "7"},
        "stageVariables": {"color": "red"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "abc.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abc",
            "http": {
                "method": "POST",
                "path": "/items/7",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "",
            },
            "requestId": "id=",
            "routeKey": "POST /items/{id}",
            "stage": "$default",
            "time": "14/Nov/2023:22:13:20 +0000",
            "timeEpoch": 1_700_000_000_000,
        },
        "body": '{"text": "x"}',
        "isBase64Encoded": False,
    }


@pytest.mark.observes("api-event-1")
def test_event_of_format_1_has_the_members_of_aws():
    built = event("1.0")
    context = built.pop("requestContext")
    assert built == {
        "version": "1.0",
        "resource": "/items/{id}",
        "path": "/items/7",
        "httpMethod": "POST",
        "headers": {"content-type": "application/json", "cookie": "c=d; e=f", "x-own": "1,2"},
        "multiValueHeaders": {
            "content-type": ["application/json"],
            "cookie": ["c=d; e=f"],
            "x-own": ["1,2"],
        },
        "queryStringParameters": {"a": "3", "b": "2"},
        "multiValueQueryStringParameters": {"a": ["1", "3"], "b": ["2"]},
        "pathParameters": {"id": "7"},
        "stageVariables": {"color": "red"},
        "body": '{"text": "x"}',
        "isBase64Encoded": False,
    }
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert (context["stage"], context["resourcePath"]) == ("$default", "/items/{id}")


@pytest.mark.observes("api-header-names")
def test_names_of_headers_are_in_lower_case_except_for_seven_in_format_1():
    lower = ["accept", "content-length", "host", "user-agent", "x-amzn-trace-id", "x-forwarded-for"]
    headers = dict.fromkeys([*lower, "x-forwarded-port", "x-forwarded-proto"], "1")
    assert event("2.0", headers=headers)["headers"] == headers
    one = event("1.0", headers=headers)
    assert [*one["headers"]] == [*one["multiValueHeaders"]]
    assert [*one["headers"]] == [
        *("accept", "Content-Length", "Host", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For"),
        *("X-Forwarded-Port", "X-Forwarded-Proto"),
    ]


@pytest.mark.observes("api-repeated-headers")
def test_header_that_was_sent_several_times_has_several_values_in_format_1():
    headers = {"x-own": "1,,2", "x-list": "3,4", "x-forwarded-for": "5, 6"}
    sent = [("X-Own", "1"), ("x-list", "3,4"), ("x-own", ""), ("X-OWN", "2")]
    sent.append(("X-Forwarded-For", "5"))
    two, one = (event(name, headers=headers, sent=sent) for name in ("2.0", "1.0"))
    assert two["headers"] == headers
    assert one["headers"] == {"x-own": "2", "x-list": "3,4", "X-Forwarded-For": "5, 6"}
    assert one["multiValueHeaders"] == {
        "x-own": ["1", "", "2"],
        "x-list": ["3,4"],
        "X-Forwarded-For": ["5, 6"],
    }


@pytest.mark.observes("api-path")
@pytest.mark.parametrize("payload_format", FORMATS)
def test_path_in_the_event_is_decoded(payload_format):
    built = event(payload_format, path="/items/a%20b%C3%A9")
    assert built["rawPath" if payload_format == "2.0" else "path"] == "/items/a bé"


def test_empty_members_are_absent_in_format_2_and_null_in_format_1():
    empty = {"query": "", "headers": {}, "body": b""}
    two, one = event("2.0", **empty), event("1.0", **empty)
    assert not {"cookies", "queryStringParameters", "body"} & two.keys()
    assert (one["queryStringParameters"], one["body"]) == (None, None)
    assert two["isBase64Encoded"] is one["isBase64Encoded"] is False


@pytest.mark.observes("api-binary")
@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("text/plain", True),
        ("TEXT/html; charset=utf-8", True),
        ("application/json", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/x-www-form-urlencoded", False),
        ("application/octet-stream", False),
        ("application/problem+json", False),
        ("", False),
    ],
)
def test_body_is_base64_unless_its_content_type_is_text(content_type, is_text):
    built = event("2.0", headers={"content-type": content_type}, body=b"abc")
    assert built["isBase64Encoded"] is not is_text
    assert built["body"] == ("abc" if is_text else base64.b64encode(b"abc").decode())


@given(
    st.binary(min_size=1), st.sampled_from(["text/plain", "image/png"]), st.sampled_from(FORMATS)
)
def test_body_arrives_unchanged(body, content_type, payload_format):
    built = event(payload_format, headers={"content-type": content_type}, body=body)
    text = built["body"]
    assert (base64.b64decode(text) if built["isBase64Encoded"] else text.encode()) == body


@given(pairs, st.sampled_from(FORMATS))
def test_event_is_json_and_has_every_query_parameter(parameters, payload_format):
    query = "&".join(f"{name}={value}" for name, value in parameters)
    built = json.loads(json.dumps(event(payload_format, query=query)))
    expected: dict[str, list[str]] = {}
    for name, value in parameters:
        expected.setdefault(name, []).append(value)
    if payload_format == "2.0":
        joined = {name: ",".join(values) for name, values in expected.items()}
        assert built.get("queryStringParameters", {}) == joined
    else:
        assert (built["multiValueQueryStringParameters"] or {}) == expected


@pytest.mark.observes("api-result-2")
@pytest.mark.parametrize(
    ("result", "status", "body", "content_type"),
    [
        ({"a": 1}, 200, b'{"a": 1}', "application/json"),
        ("text", 200, b"text", "application/json"),
        ([1], 200, b"[1]", "application/json"),
        (None, 200, b"null", "application/json"),
        ({"statusCode": 201}, 201, b"", "text/plain; charset=utf-8"),
        ({"statusCode": "404", "body": "é"}, 404, "é".encode(), "text/plain; charset=utf-8"),
        ({"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": "AAE=",
          "isBase64Encoded": True}, 200, b"\0\1", "image/png"),
    ],
)  # fmt: skip
def test_result_of_format_2_becomes_a_response(result, status, body, content_type):
    response = read_response(json.dumps(result).encode(), "2.0")
    assert (response.status, response.body) == (status, body)
    headers = {name.lower(): text for name, text in response.headers}
    assert headers["content-type"] == content_type


@pytest.mark.observes("api-headers")
def test_cookies_and_lists_of_values_become_separate_headers():
    two = {"statusCode": 200, "cookies": ["a=b", "c=d"], "headers": {"x": 1}}
    headers = read_response(json.dumps(two).encode(), "2.0").headers
    assert [text for name, text in headers if name == "set-cookie"] == ["a=b", "c=d"]
    assert ("x", "1") in headers
    one = {"statusCode": 200, "headers": {"X": "0"}, "multiValueHeaders": {"x": ["1", "2"]}}
    headers = read_response(json.dumps(one).encode(), "1.0").headers
    assert [text for name, text in headers if name.lower() == "x"] == ["1", "2"]


@pytest.mark.observes("api-malformed", "api-result-2")
@pytest.mark.parametrize(
    ("payload", "payload_format"),
    [
        (b"not json", "2.0"),
        (b'{"a": 1}', "1.0"),
        (b'"text"', "1.0"),
        (b'{"statusCode": "abc"}', "2.0"),
        (b'{"statusCode": 101}', "2.0"),
        (b'{"statusCode": true}', "2.0"),
        (b'{"statusCode": 200, "body": {"a": 1}}', "2.0"),
        (b'{"statusCode": 200, "headers": ["a"]}', "2.0"),
        (b'{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}', "2.0"),
        (b'{"statusCode": 200, "headers": {"a b": "c"}}', "2.0"),
        (b'{"statusCode": 200, "headers": {"a": null}}', "2.0"),
        (b'{"statusCode": 200, "cookies": "a=b"}', "2.0"),
        (b'{"statusCode": 200, "multiValueHeaders": {"a": "b"}}', "1.0"),
        (b'{"statusCode": 200, "body": "!", "isBase64Encoded": true}', "2.0"),
        (b'{"statusCode": 200, "body": "\\ud800"}', "2.0"),
    ],
)
def test_malformed_result_is_an_internal_server_error(payload, payload_format):
    with pytest.raises(Refusal) as caught:
        read_response(payload, payload_format)
    assert (caught.value.status, caught.value.message) == (500, "Internal Server Error")


@given(st.binary(max_size=60), st.sampled_from(FORMATS))
def test_any_result_is_read_or_refused(payload, payload_format):
    try:
        assert 100 <= read_response(payload, payload_format).status <= 599
    except Refusal as refusal:
        assert refusal.status == 500


@given(st.text(), st.text())
def test_line_of_the_access_log_is_one_line_of_json(agent, path):
    line = fill(
        '{"agent":"$context.identity.userAgent","path":"$context.path","no":"$context.unknown"}',
        {"identity.userAgent": agent, "path": path},
    )
    assert "\n" not in line
    logged = json.loads(line)
    assert logged["no"] == "-"
    assert logged["path"] == path or not path or not path.isprintable()

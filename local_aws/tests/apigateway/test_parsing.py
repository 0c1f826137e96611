"""JSON bodies and query strings of services with REST paths."""

import pytest
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request

from local_aws.apigateway.errors import not_json
from local_aws.errors import ValidationError
from local_aws.parsing import read_members
from local_aws.tests.raw_http import send_raw


@pytest.mark.parametrize(
    ("scope", "path", "message"),
    [
        (b"apigateway", b"/v2/apis", b"Unable to parse the body of the request: "),
        (b"lambda", b"/2015-03-31/functions", b"Could not parse request body into json: "),
    ],
)
def test_body_that_is_not_json_is_refused_in_the_words_of_the_service(
    local_aws, scope, path, message
):
    signed = b"AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/" + scope + b"/aws4_request"
    head = b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    request = head + b"Authorization: " + signed + b"\r\nContent-Length: 1\r\n\r\n{"
    assert message in send_raw(local_aws.url, request).body


@pytest.mark.parametrize("text", ["true", "false", "TRUE", "1", "yes"])
def test_boolean_in_a_query_string_is_true_or_false_and_nothing_else(text):
    shape = get_service_model("apigatewayv2").operation_model("ImportApi").input_shape
    request = Request.from_values(query_string={"failOnWarnings": text})
    if text in ("true", "false"):
        members = read_members(request, shape, {}, b'{"body": "x"}', not_json)
        assert members["FailOnWarnings"] is (text == "true")
    else:
        with pytest.raises(ValidationError, match="FailOnWarnings"):
            read_members(request, shape, {}, b'{"body": "x"}', not_json)

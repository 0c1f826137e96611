"""JSON bodies and query strings of services with REST paths."""

import pytest
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request

from local_aws.apigateway import errors
from local_aws.awslambda import calls
from local_aws.errors import ValidationError
from local_aws.parsing import read_members

IMPORT = get_service_model("apigatewayv2").operation_model("ImportApi").input_shape


@pytest.mark.parametrize(
    ("service", "message"),
    [(errors, "Unable to parse the body"), (calls, "Could not parse request body into json: ")],
)
def test_body_that_is_not_json_is_refused_in_the_words_of_the_service(service, message):
    with pytest.raises(Exception, match=message):
        read_members(Request({}), IMPORT, {}, b"{", service.not_json)


@pytest.mark.parametrize("text", ["TRUE", "1", "yes"])
def test_boolean_in_a_query_string_that_is_not_true_or_false_is_refused(text):
    request = Request.from_values(query_string={"failOnWarnings": text})
    with pytest.raises(ValidationError, match="FailOnWarnings"):
        read_members(request, IMPORT, {}, b'{"body": "x"}', errors.not_json)

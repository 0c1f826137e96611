"""An OpenAPI document with any content is read or refused with a message."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.openapi import read_definition
from local_aws.apigateway.routing import read_route_key
from local_aws.errors import ServiceError

INTEGRATION = "x-amazon-apigateway-integration"
AUTHORIZER = "x-amazon-apigateway-authorizer"
words = st.sampled_from(
    ["type", "uri", "timeoutInMillis", "name", "get", "post", "/a", INTEGRATION,
     AUTHORIZER, "x-amazon-apigateway-cors", "jwtConfiguration", "security",
     "x-amazon-apigateway-authtype", "awsSigv4", "allowOrigins",
     "x-amazon-apigateway-tag-value", "aws_proxy", "one"]
)  # fmt: skip
odd = st.recursive(
    words | st.none() | st.booleans() | st.integers(-2, 3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(words | st.integers(0, 1), inner, max_size=3)  # keys of YAML
    ),
    max_leaves=10,
)
documents = st.fixed_dictionaries(
    {"openapi": st.just("3.1.0"), "info": st.just({"title": "t"}) | odd},
    optional={
        "paths": odd | st.dictionaries(words, st.dictionaries(words, odd, max_size=2), max_size=2),
        "components": odd | st.fixed_dictionaries({"securitySchemes": odd}),
        "x-amazon-apigateway-cors": odd,
        "tags": odd | st.lists(odd, max_size=2),
        "security": odd,
    },
)


@given(documents)
def test_definition_of_any_form_is_read_or_refused(document):
    for body in (document, json.dumps(document)):
        try:
            definition = read_definition(body)
            for key, _, integration, security in definition.routes:
                read_route_key(key)
                assert security.get("AuthorizerId", None) in {None, *definition.authorizers}
                assert isinstance(integration["IntegrationType"], str)
        except ServiceError as refusal:
            assert refusal.message


def test_integration_with_an_unknown_key_is_refused_by_name():
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t"},
        "paths": {"/a": {"get": {INTEGRATION: {1: 2, "one": 3}}}},
    }
    with pytest.raises(BadRequest, match="does not reproduce 1 of the route GET /a"):
        read_definition(document)


@pytest.mark.parametrize("milliseconds", [49, 30_001, "100"])
def test_integration_with_an_impossible_timeout_is_refused(milliseconds):
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t"},
        "paths": {
            "/a": {"get": {INTEGRATION: {"type": "aws_proxy", "timeoutInMillis": milliseconds}}}
        },
    }
    with pytest.raises(BadRequest, match="imeoutInMillis"):
        read_definition(document)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        read_definition(text)
    except ServiceError as refusal:
        assert refusal.message

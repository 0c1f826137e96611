"""The OpenAPI document matches the code: its routes, requests and responses."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

import lambda_handler
from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from lambda_handler.texts import MAX_BYTES, MAX_TEXTS, REQUEST_TYPES
from newsgroup_classifier.errors import RequestError, ServingError
from newsgroup_classifier.explanations.words import MOST_TEXTS
from newsgroup_classifier.text.visible import is_blank
from tests.lambda_handler.calling import answer, http_event

DOCUMENT = json.loads(
    (Path(lambda_handler.__file__).parent / "openapi.json").read_text(encoding="utf-8")
)
SCHEMAS = DOCUMENT["components"]["schemas"]
JSON = {"content-type": "application/json"}


def validator(name: str) -> Draft202012Validator:
    """Return a validator for one of the document's schemas."""
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    )


def schema_of(path: str, method: str, status: int) -> Draft202012Validator:
    """Return a validator for the response bodies of a route and status."""
    response = DOCUMENT["paths"][path][method]["responses"][str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": DOCUMENT["components"]})


def test_document_is_openapi_3_1():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_document_has_the_handler_routes_and_no_others(handler):
    documented = {
        path: [method.upper() for method in methods] for path, methods in DOCUMENT["paths"].items()
    }
    assert documented == handler.routes


def test_document_is_served_unchanged(handler):
    event = http_event(method="GET", path="/openapi.json")
    assert answer(handler, event) == (200, DOCUMENT)


def test_document_has_the_limits_content_types_and_error_codes_of_the_code():
    assert SCHEMAS["TextList"]["maxItems"] == MAX_TEXTS
    accepted = SCHEMAS["Error"]["properties"]["error"]["properties"]["accepted"]["properties"]
    assert accepted["most_texts"]["const"] == MAX_TEXTS
    assert accepted["most_bytes"]["const"] == MAX_BYTES
    content = DOCUMENT["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert tuple(content) == REQUEST_TYPES
    errors = (ServingError, *ServingError.__subclasses__(), *RequestError.__subclasses__())
    codes = {error.code for error in errors}
    assert set(SCHEMAS["Error"]["properties"]["error"]["properties"]["code"]["enum"]) == codes


def test_documented_examples_return_200(handler):
    content = DOCUMENT["paths"]["/predict"]["post"]["requestBody"]["content"]
    for example in content["application/json"]["examples"].values():
        status, _ = answer(handler, http_event(body=json.dumps(example["value"]), headers=JSON))
        assert status == 200


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (200, http_event()),
        (400, http_event(body="{")),
        (413, http_event(body="a" * 5_000_000)),
        (415, http_event(headers={"content-type": "text/csv"})),
    ],
)
def test_predict_responds_as_documented(handler, status, event):
    actual, content = answer(handler, event)
    assert actual == status
    schema_of("/predict", "post", status).validate(content)


@pytest.mark.parametrize("words", [1, 100, 2.0])
def test_explanations_are_as_documented(handler, words):
    body = json.dumps({"instances": ["the raven was cosmic", "!"], "explain": words})
    status, content = answer(handler, http_event(body=body, headers=JSON))
    assert status == 200
    schema_of("/predict", "post", 200).validate(content)
    first, second = content["predictions"]
    assert len(first["explanation"]["words"]) == min(words, 4)
    assert second["explanation"]["words"] == []


@pytest.mark.parametrize(("texts", "status"), [(MOST_TEXTS, 200), (MOST_TEXTS + 1, 400)])
def test_as_many_texts_are_explained_as_the_document_says(handler, texts, status):
    body = {"instances": ["a raven"] * texts, "explain": 1}
    assert validator("Texts").is_valid(body) == (status == 200)
    assert validator("Texts").is_valid({"instances": body["instances"]})
    assert answer(handler, http_event(body=json.dumps(body), headers=JSON))[0] == status


def test_health_responds_as_documented_with_and_without_a_model(handler):
    event = http_event(method="GET", path="/health")
    status, content = answer(handler, event)
    assert status == 200
    schema_of("/health", "get", 200).validate(content)
    for route in ("get /health", "post /predict"):
        method, path = route.split()
        without = Handler(ModelStore({}), "none")
        status, content = answer(without, http_event(method=method.upper(), path=path))
        assert status == 503
        schema_of(path, method, 503).validate(content)


def test_fault_returns_500_as_documented_without_its_message():
    class Broken:
        loaded = None

        def model(self):
            raise RuntimeError("the raven")

    status, content = answer(Handler(Broken(), "none"), http_event())
    assert status == 500
    schema_of("/predict", "post", 500).validate(content)
    assert "raven" not in json.dumps(content)


texts = st.text(max_size=5)


def strings_of(value):
    """Return the strings in a list, in the values of an object, or in lists among those."""
    if isinstance(value, str):
        return [value]
    inner = list(value.values()) if isinstance(value, dict) else value
    return [one for each in inner for one in strings_of(each)] if isinstance(inner, list) else []


values = st.one_of(
    texts,
    st.none(),
    st.integers(),
    st.lists(texts, max_size=3),
    st.lists(st.one_of(texts, st.integers()), min_size=99, max_size=102),
    st.fixed_dictionaries({}, optional={"text": texts, "instances": st.lists(texts, max_size=2)}),
    st.fixed_dictionaries({"text": st.one_of(texts, st.booleans())}),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values)
def test_requests_succeed_if_and_only_if_they_match_the_schema(handler, value):
    """The pattern of the schema also accepts some invisible characters, such as marks alone."""
    status, _ = answer(handler, http_event(body=json.dumps(value), headers=JSON))
    valid = validator("Texts").is_valid(value)
    assert (status == 200) is (valid and not any(map(is_blank, strings_of(value))))

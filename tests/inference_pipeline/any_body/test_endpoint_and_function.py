"""The endpoint and the Lambda function read the same texts in a body, or refuse it alike."""

import pytest
from hypothesis import given, settings

from inference_pipeline.content_types import JSON, REQUEST_TYPES, TEXT
from inference_pipeline.texts import read_texts
from lambda_handler import texts as in_lambda
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.text.visible import is_blank
from tests.inference_pipeline.any_body.generated import requests


def verdict(read, body, content_type):
    """Return the texts, or the status and code of the refusal."""
    try:
        return read(body, content_type)
    except RequestError as error:
        return error.status, error.code


@pytest.mark.parametrize("content_type", [TEXT, JSON])
def test_endpoint_and_function_have_the_same_verdict_on_any_body(content_type):
    @given(requests(content_type))
    @settings(max_examples=200)
    def check(request):
        at_lambda = verdict(in_lambda.read_texts, *request)
        assert verdict(read_texts, *request) == getattr(at_lambda, "texts", at_lambda)

    check()


@pytest.mark.parametrize("content_type", REQUEST_TYPES)
def test_endpoint_reads_visible_texts_or_refuses_any_body(content_type):
    @given(requests(content_type))
    @settings(max_examples=200)
    def check(request):
        found = verdict(read_texts, *request)
        if isinstance(found, list):
            assert found
            assert not any(map(is_blank, found))
        else:
            assert found in ((400, "InvalidInput"), (415, "UnsupportedMediaType"))

    check()

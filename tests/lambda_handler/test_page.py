"""The page of the HTTP API: its headers, its size, and how it is turned off."""

import base64
import hashlib
import re

import pytest

from lambda_handler.calls import has_page
from lambda_handler.endpoint.invocation import EndpointHandler
from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from tests.lambda_handler.calling import CONTEXT, answer, http_event


@pytest.mark.parametrize("version", ["1", "2"])
def test_root_of_the_api_is_the_page(handler, version):
    response = handler(http_event(version, "GET", "/", body=None), CONTEXT)
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en" data-mode="api">' in response["body"]
    assert len(response["body"].encode()) < 60_000


def test_policy_allows_the_script_and_style_of_the_page_only(handler):
    response = handler(http_event(method="GET", path="/", body=None), CONTEXT)
    policy = response["headers"]["content-security-policy"]
    for name in ("script", "style"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", response["body"], re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\son[a-z]+\s*=|style=|https?://(?!www\.w3\.org)", response["body"])
    headers = {name: response["headers"][name] for name in ("cache-control", "referrer-policy")}
    assert headers == {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def test_page_that_is_turned_off_is_not_found():
    for handler in (Handler(ModelStore({}), "none", False), EndpointHandler(None, {"PAGE": "off"})):
        status, content = answer(handler, http_event(method="GET", path="/", body=None))
        assert (status, content["error"]["code"]) == (404, "NotFound")


def test_page_is_on_unless_the_environment_says_otherwise():
    assert has_page({})
    assert has_page({"PAGE": "on"})
    assert not has_page({"PAGE": "off"})

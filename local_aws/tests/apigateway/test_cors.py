"""Cross-origin requests: preflights, the headers of responses, and the origins that may call."""

import pytest

from local_aws.apigateway.security.cors import allows
from local_aws.tests.account import refusal
from local_aws.tests.apigateway.http_apis import api, function

ORIGIN = "https://shop.example"
SETTINGS = {
    "AllowOrigins": [ORIGIN, "http://127.0.0.1:5173"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["authorization", "content-type"],
    "ExposeHeaders": ["x-request"],
    "MaxAge": 300,
}
OWN_HEADERS = """
def handler(event, context):
    headers = {"Access-Control-Allow-Origin": "*", "access-control-max-age": "1", "x-request": "7"}
    return {"statusCode": 200, "headers": headers, "body": event["rawPath"]}
"""


@pytest.fixture(scope="module")
def cors_api(apis):
    """Create an API with CORS settings, and a route for any method."""
    resources = {**function(OWN_HEADERS), **api("2.0", "POST /a", "ANY /any")}
    resources["Api"]["Properties"]["CorsConfiguration"] = SETTINGS
    return apis.create(resources)


def cors_headers(response):
    """Return the CORS headers of a response."""
    return {name: text for name, text in response.headers.items() if name.startswith("access-")}


@pytest.mark.observes("api-cors")
@pytest.mark.parametrize("origin", SETTINGS["AllowOrigins"])
def test_preflight_of_a_named_origin_is_answered_by_the_gateway(apis, cors_api, origin):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    response = apis.call(cors_api, "/a", headers=headers, method="OPTIONS")
    assert (response.status, response.body) == (204, b"")
    assert cors_headers(response) == {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "300",
    }


@pytest.mark.observes("api-cors")
def test_request_without_an_origin_or_a_method_gets_no_cors_headers(apis, cors_api):
    for headers in ({}, {"Origin": ORIGIN}, {"Access-Control-Request-Method": "POST"}):
        response = apis.call(cors_api, "/a", headers=headers, method="OPTIONS")
        assert (response.status, cors_headers(response)) == (204, {})


@pytest.mark.observes("api-cors")
def test_response_has_the_headers_of_the_settings_instead_of_the_functions(apis, cors_api):
    response = apis.call(cors_api, "/a", b"{}", {"Origin": ORIGIN})
    assert (response.status, response.body) == (200, b"/a")
    assert cors_headers(response) == {
        "access-control-allow-origin": ORIGIN,
        "access-control-expose-headers": "x-request",
    }
    assert response.headers["x-request"] == "7"
    assert cors_headers(apis.call(cors_api, "/a", b"{}")) == {}


@pytest.mark.observes("api-cors")
def test_route_that_takes_options_comes_before_the_answer_of_the_gateway(apis, cors_api):
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    response = apis.call(cors_api, "/any", headers=headers, method="OPTIONS")
    assert (response.status, response.body) == (200, b"/any")


@pytest.mark.observes("api-browsers")
def test_page_of_an_origin_that_the_settings_do_not_name_is_refused(apis, cors_api):
    for origin in ("https://evil.example", f"{ORIGIN}.evil", "null", "http://127.0.0.1:5174"):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        assert apis.call(cors_api, "/a", b"{}", headers).status == 403
    other = {"Host": "evil.example", "Origin": ORIGIN}
    assert apis.call(cors_api, "/a", b"{}", other).status == 403
    assert apis.send("/v2/apis", None, {"Origin": ORIGIN}).status == 403


@pytest.mark.parametrize(
    ("entries", "origin", "allowed"),
    [
        (["*"], "http://a", True),
        (["https://*"], "https://a:8443", True),
        (["https://*"], "http://a", False),
        (["https://a"], "https://a", True),
        (["https://a"], "https://a:443", False),
        (["https://a"], "https://ab", False),
        ([], "https://a", False),
    ],
)
def test_origin_matches_exactly_or_by_scheme(entries, origin, allowed):
    assert allows({"AllowOrigins": entries}, origin) is allowed


@pytest.mark.observes("api-cors")
def test_settings_are_changed_and_removed(apis):
    api_id, client = apis.create_empty(), apis.client
    settings = {"AllowOrigins": ["*"]}
    assert client.update_api(ApiId=api_id, CorsConfiguration=settings)["CorsConfiguration"] == (
        settings
    )
    both = {"AllowOrigins": ["*"], "AllowCredentials": True}
    assert "AllowCredentials" in refusal(client.update_api, ApiId=api_id, CorsConfiguration=both)[1]
    client.delete_cors_configuration(ApiId=api_id)
    assert "CorsConfiguration" not in client.get_api(ApiId=api_id)

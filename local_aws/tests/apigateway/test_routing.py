"""The route of a request, the target of an integration, and the throttle of a stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.records import Bucket
from local_aws.apigateway.routing import Router, Target, read_route_key, read_target

TARGET = Target("f", None, "2.0", 30.0)
KEYS = [
    "GET /items",
    "ANY /items",
    "GET /items/{id}",
    "ANY /items/{id}",
    "GET /items/new",
    "GET /items/{id}/parts/{part}",
    "ANY /{proxy+}",
    "GET /items/{rest+}",
]


def router(*keys: str) -> Router:
    """Return the router of unprotected routes to one function."""
    return Router([(key, TARGET, None) for key in keys])


ROUTER = router(*KEYS)
words = st.text("abcdefghij", min_size=1, max_size=4)


@pytest.mark.observes("api-precedence")
@pytest.mark.parametrize(
    ("method", "path", "key", "values"),
    [
        ("GET", "/items", "GET /items", {}),
        ("POST", "/items", "ANY /items", {}),
        ("GET", "/items/new", "GET /items/new", {}),
        ("GET", "/items/7", "GET /items/{id}", {"id": "7"}),
        ("PUT", "/items/new", "ANY /items/{id}", {"id": "new"}),
        ("GET", "/items/a%2Fb%20c", "GET /items/{id}", {"id": "a/b c"}),
        ("GET", "/items/7/parts/8", "GET /items/{id}/parts/{part}", {"id": "7", "part": "8"}),
        ("GET", "/items/7/other", "GET /items/{rest+}", {"rest": "7/other"}),
        ("PUT", "/items/7/other", "ANY /{proxy+}", {"proxy": "items/7/other"}),
        ("GET", "/else", "ANY /{proxy+}", {"proxy": "else"}),
    ],
)
def test_router_finds_the_most_specific_route(method, path, key, values):
    match = ROUTER.find(method, path)
    assert match is not None
    assert (match.route_key, match.path_parameters) == (key, values)


@pytest.mark.parametrize(("method", "path"), [("POST", "/a"), ("GET", "/b"), ("GET", "/a/b")])
def test_router_without_a_matching_route_finds_none(method, path):
    assert router("GET /a").find(method, path) is None


@given(st.lists(words, max_size=4))
def test_router_uses_the_default_route_where_no_other_route_matches(parts):
    path = "/" + "/".join(parts)
    match = router("$default", "GET /a").find("GET", path)
    assert match is not None
    assert match.route_key == ("GET /a" if path == "/a" else "$default")


@given(st.permutations(KEYS), st.sampled_from(["GET", "PUT"]), st.lists(words, max_size=4))
def test_router_does_not_depend_on_the_order_of_its_routes(keys, method, parts):
    path = "/" + "/".join(parts)
    assert router(*keys).find(method, path) == ROUTER.find(method, path)


@pytest.mark.parametrize(
    "key", ["", "/a", "FETCH /a", "GET a", "GET /a{b}", "GET /{a+}/b", "$disconnect", "GET /{}"]
)
def test_invalid_route_key_is_refused(key):
    with pytest.raises(BadRequest, match="route key"):
        read_route_key(key)


ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
WRAPPED = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"


@pytest.mark.observes("api-integrations")
@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (ARN, ("f", None)),
        (f"{ARN}:live", ("f", "live")),
        (f"{ARN}:7", ("f", "7")),
        (WRAPPED.format(ARN), ("f", None)),
        (WRAPPED.format(f"{ARN}:live"), ("f", "live")),
    ],
)
def test_integration_can_name_a_function_in_three_forms(uri, expected):
    target = read_target({"IntegrationUri": uri, "PayloadFormatVersion": "2.0"}, "us-east-1")
    assert (target.name, target.qualifier) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"IntegrationUri": "https://example.org"}, "not the ARN of a Lambda function"),
        ({"IntegrationUri": ARN.replace("east", "west")}, "another region"),
        ({"IntegrationUri": ARN.replace(":1234", ":4321")}, "another region or account"),
        ({"PayloadFormatVersion": "3.0"}, "PayloadFormatVersion"),
    ],
)
def test_integration_that_is_not_reproduced_is_refused(changes, reason):
    integration = {"IntegrationUri": ARN, "PayloadFormatVersion": "2.0"} | changes
    with pytest.raises(BadRequest, match=reason):
        read_target(integration, "us-east-1")


@given(st.integers(0, 20), st.floats(0, 50), st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_bucket_allows_no_more_than_its_burst_and_its_rate(burst, rate, pauses):
    time = [0.0]
    bucket = Bucket(burst, rate, lambda: time[0])
    taken = 0
    for pause in pauses:
        time[0] += pause
        taken += bucket.take()
    assert taken <= burst + rate * time[0] + 1e-6
    full = Bucket(burst, 0.0, lambda: 0.0)
    assert [full.take() for _ in range(burst + 2)] == [True] * burst + [False] * 2

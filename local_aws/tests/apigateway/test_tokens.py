"""Routes with a JWT authorizer: valid tokens pass, and no other ones."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local_aws.apigateway.security.issuers import keys_of, refresh
from local_aws.tests.account import eventually, refusal
from local_aws.tests.apigateway.forged_tokens import Forger
from local_aws.tests.apigateway.http_apis import ECHO, api, function
from local_aws.tests.apigateway.issuers import ALGORITHMS, AUDIENCE, running_issuer

SCOPES = ["texts/read", "texts/write"]
UNAUTHORIZED = b'{"message":"Unauthorized"}'


@pytest.fixture(scope="module")
def issuer():
    """Run an issuer."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def guarded(apis, issuer):
    """Create an API with an open route, one for tokens, and one for tokens with a scope."""
    resources = {**function(ECHO), **api("2.0", "GET /open", "GET /token", "GET /scope")}
    api_id = apis.create(resources)
    authorizer = apis.client.create_authorizer(
        ApiId=api_id,
        Name="tokens",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": ["other", AUDIENCE]},
    )
    for route in apis.client.get_routes(ApiId=api_id)["Items"]:
        if route["RouteKey"] != "GET /open":
            scopes = SCOPES if route["RouteKey"] == "GET /scope" else []
            apis.client.update_route(
                ApiId=api_id,
                RouteId=route["RouteId"],
                AuthorizationType="JWT",
                AuthorizerId=authorizer["AuthorizerId"],
                AuthorizationScopes=scopes,
            )
    assert apis.call(api_id, "/open").status == 200
    return api_id


@pytest.fixture
def send(apis, guarded):
    """Return a function that sends a token, after the word Bearer or without it."""

    def send(token, path="/token", bearer=True):
        text = f"Bearer {token}" if bearer else token
        return apis.call(guarded, path, headers={"Authorization": text})

    return send


@pytest.mark.observes("api-jwt")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("bearer", [True, False])
def test_valid_token_passes_and_its_claims_reach_the_function_as_texts(
    issuer, send, algorithm, bearer
):
    token = issuer.token(algorithm, groups=["a", "b"], admin=True, level=1.5)
    response = send(token, bearer=bearer)
    assert response.status == 200
    authorizer = response.json["requestContext"]["authorizer"]["jwt"]
    assert authorizer["scopes"] is None
    assert {"sub": "s", "groups": "[a b]", "admin": "true", "level": "1.5"}.items() <= (
        authorizer["claims"].items()
    )
    assert authorizer["claims"]["exp"].isdecimal()


@pytest.mark.observes("api-jwt")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["x", AUDIENCE]},
        {"aud": ..., "client_id": AUDIENCE},
        {"aud": AUDIENCE, "client_id": "another"},
        {"nbf": int(time.time()) - 60},
        {"iat": ...},
        {"exp": time.time() + 86_400.25},
    ],
)
def test_audience_may_be_a_list_or_client_id_and_optional_claims_may_be_absent(
    issuer, send, changes
):
    assert send(issuer.token(**changes)).status == 200


@pytest.mark.observes("api-jwt")
@pytest.mark.parametrize("header", [{}, {"Authorization": ""}, {"Authorization": "Bearer "}])
def test_request_without_a_token_gets_401_and_a_challenge(apis, guarded, header):
    response = apis.call(guarded, "/token", headers=header)
    assert (response.status, response.body) == (401, UNAUTHORIZED)
    assert response.headers["www-authenticate"] == "Bearer"
    assert apis.call(guarded, "/open", headers=header).status == 200


@pytest.mark.observes("api-jwt")
def test_refused_token_gets_401_with_the_reason_in_the_challenge(issuer, send):
    response = send(issuer.token(aud="x"))
    assert response.headers["www-authenticate"] == (
        'Bearer scope="" error="invalid_token" '
        'error_description="the token does not have a valid audience"'
    )


@pytest.mark.observes("api-scopes")
@pytest.mark.parametrize(
    ("claims", "granted"),
    [
        ({"scope": "openid texts/read"}, ["texts/read"]),
        ({"scp": ["texts/write", "texts/read"]}, ["texts/write", "texts/read"]),
        ({"scope": "texts/rea texts/read/all"}, None),
        ({"scp": [["texts/read"]]}, None),
        ({}, None),
    ],
)
def test_route_with_scopes_needs_one_of_them(issuer, send, claims, granted):
    response = send(issuer.token(**claims), "/scope")
    if granted is None:
        assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
        assert "insufficient_scope" in response.headers["www-authenticate"]
    else:
        assert response.json["requestContext"]["authorizer"]["jwt"]["scopes"] == granted


def none_passes(issuer, send, count, seed):
    """Send forged tokens, and a valid one after each tenth."""
    for number, (kind, token) in enumerate(Forger(issuer, seed).tokens(count)):
        sent = token.encode("ascii", "backslashreplace").decode().replace("\n", "")
        response = send(sent, bearer=bool(number % 2))
        assert (response.status, response.body) == (401, UNAUTHORIZED), (kind, token)
        if number % 10 == 0:
            assert send(issuer.token()).status == 200


@pytest.mark.observes("api-jwt")
def test_no_forged_token_passes(issuer, send):
    none_passes(issuer, send, 160, seed=1)


@pytest.mark.slow
def test_none_of_a_thousand_forged_tokens_passes(issuer, send):
    none_passes(issuer, send, 1_000, seed=int(time.time()))


@pytest.mark.observes("api-issuer")
def test_authorizer_needs_an_issuer_that_answers(apis, issuer):
    api_id = apis.create_empty()
    request = {
        "ApiId": api_id,
        "Name": "tokens",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
    }
    for changes, reason in [
        ({"Issuer": f"{issuer.url}/other", "Audience": ["a"]}, "must have a valid discovery"),
        ({"Issuer": f"{issuer.url}/", "Audience": ["a"]}, "is a different one"),
        ({"Issuer": "http://example.com", "Audience": ["a"]}, "is not an https:// address"),
        ({"Issuer": "", "Audience": ["a"]}, "Issuer"),
        ({"Issuer": issuer.url, "Audience": []}, "Audience can not be empty"),
    ]:
        code, message = refusal(apis.client.create_authorizer, **request, JwtConfiguration=changes)
        assert code == "BadRequestException"
        assert reason in message
    assert apis.client.get_authorizers(ApiId=api_id)["Items"] == []


@pytest.mark.slow
@pytest.mark.observes("api-issuer")
def test_keys_are_fetched_once_and_a_slow_issuer_refuses_its_tokens(apis, send, issuer):
    count = len(issuer.requests)
    for _ in range(5):
        assert send(issuer.token()).status == 200
    assert len(issuer.requests) == count
    with running_issuer() as slow:
        api_id = apis.create_empty()
        slow.seconds = 2.0
        code, message = refusal(
            apis.client.create_authorizer,
            ApiId=api_id,
            Name="slow",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": slow.url, "Audience": ["a"]},
        )
        assert (code, "timed out" in message) == ("BadRequestException", True)


@pytest.mark.observes("api-issuer")
def test_keys_that_are_cached_do_not_wait_for_those_of_a_slow_issuer(issuer):
    refresh(issuer.url)
    with running_issuer() as slow, ThreadPoolExecutor(1) as pool:
        slow.seconds = 1.0  # for each of two requests
        fetching = pool.submit(keys_of, slow.url)
        eventually(lambda: slow.requests)
        assert list(keys_of(issuer.url)) == [issuer.key.kid]
        assert not fetching.done()
        assert list(fetching.result()) == [slow.key.kid]

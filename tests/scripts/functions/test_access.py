"""Who may call an HTTP API: flags, what an update keeps, and the definition for API Gateway."""

import argparse
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.apigateway.openapi import read_definition
from newsgroup_classifier.errors import DeploymentError
from scripts.functions.access import DEFAULTS, FLAGS, access_parameters, add_access_arguments
from scripts.functions.plans import DOCUMENT, api_definition, stack_call, stack_parameters, uploads
from tests.scripts.functions.test_plans import PLAN, UNNAMED

ISSUER = "https://issuer.example/pool"
TOKENS = {
    "Authorizer": "jwt",
    "JwtIssuer": ISSUER,
    "JwtAudience": "app,other",
    "CorsOrigins": "https://shop.example",
}


def parsed(*words: str) -> argparse.Namespace:
    """Return the arguments of flags; those that are not passed are None."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_access_arguments(parser)
    found = vars(parser.parse_args(list(words)))
    return argparse.Namespace(**{**dict.fromkeys((*FLAGS, "page")), **found})


def test_flags_become_parameters():
    words = ["--auth", "jwt", "--jwt-issuer", ISSUER, "--jwt-audience", "app"]
    words += ["--jwt-audience", "other", "--cors-origin", "https://shop.example"]
    assert access_parameters(parsed(*words), {}) == TOKENS
    assert access_parameters(parsed("--auth", "iam"), {}) == {"Authorizer": "iam"}
    assert access_parameters(parsed(), {}) == {}


def test_update_keeps_what_no_flag_names_and_changes_the_rest():
    assert access_parameters(parsed(), TOKENS) == {}
    other = "https://other.example"
    assert access_parameters(parsed("--jwt-issuer", other), TOKENS) == {"JwtIssuer": other}
    assert access_parameters(parsed("--cors-origin", "none"), TOKENS) == {"CorsOrigins": ""}
    kept = replace(UNNAMED, previous=TOKENS, named=access_parameters(parsed(), TOKENS))
    assert kept.kept == TOKENS
    assert uploads(kept)[2] == uploads(replace(UNNAMED, named=TOKENS))[2]


@pytest.mark.parametrize("auth", ["none", "iam"])
def test_api_without_tokens_forgets_their_issuer_and_audience(auth):
    found = access_parameters(parsed("--auth", auth), TOKENS)
    assert found == {"Authorizer": auth, "JwtIssuer": "", "JwtAudience": ""}


@pytest.mark.parametrize(
    ("words", "previous", "reason"),
    [
        (["--auth", "jwt"], {}, "--auth jwt needs --jwt-issuer"),
        (["--auth", "jwt", "--jwt-issuer", ISSUER], {}, "and --jwt-audience"),
        (["--auth", "jwt"], {"Authorizer": "iam"}, "needs --jwt-issuer"),
        (["--jwt-issuer", ISSUER], {}, "are for --auth jwt; the API has --auth none"),
        (["--jwt-audience", "a"], {"Authorizer": "iam"}, "the API has --auth iam"),
        (["--auth", "iam", "--jwt-audience", "a"], TOKENS, "the API has --auth iam"),
    ],
)
def test_flags_that_do_not_fit_together_are_refused(words, previous, reason):
    with pytest.raises(DeploymentError, match=reason):
        access_parameters(parsed(*words), previous)


@pytest.mark.parametrize(("words", "previous"), [(["--auth", "iam"], {}), ([], TOKENS)])
def test_page_of_a_protected_api_is_refused_with_what_to_use(words, previous):
    arguments = parsed(*words)
    arguments.page = True
    with pytest.raises(DeploymentError, match=r"--page is for --auth none.*scripts\.playground"):
        access_parameters(arguments, previous)


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--jwt-issuer", "http://issuer.example"),
        ("--jwt-issuer", "issuer.example"),
        ("--jwt-issuer", "https://"),
        ("--jwt-issuer", "https://a.example?x=1"),
        ("--jwt-issuer", "https://a.example,https://b.example"),
        ("--jwt-audience", "a,b"),
        ("--jwt-audience", ""),
        ("--cors-origin", "*"),
        ("--cors-origin", "https://*"),
        ("--cors-origin", "https://shop.example/"),
        ("--cors-origin", "shop.example"),
        ("--auth", "key"),
    ],
)
def test_value_that_no_api_could_have_is_refused(flag, value):
    with pytest.raises(argparse.ArgumentError):
        parsed(flag, value)


def test_issuer_on_this_computer_may_use_plain_http():
    assert parsed("--jwt-issuer", "http://127.0.0.1:8080/a").jwt_issuer.startswith("http://127")


@pytest.mark.parametrize("order", [1, -1])
def test_no_origin_and_an_origin_contradict_each_other(order):
    words = ["--cors-origin=none", "--cors-origin=https://shop.example"][::order]
    with pytest.raises(DeploymentError, match="--cors-origin none allows no origin, and others"):
        access_parameters(parsed(*words), {})
    origin = words[0].partition("=")[2]
    kept = access_parameters(parsed(words[0], words[0]), {})
    assert kept == {"CorsOrigins": "" if origin == "none" else origin}


@given(st.lists(st.from_regex(r"https?://[a-z0-9.-]{1,20}(:[0-9]{1,5})?", fullmatch=True)))
def test_origins_are_kept_in_their_order_and_once(origins):
    words = [word for origin in origins for word in ("--cors-origin", origin)]
    found = access_parameters(parsed(*words), {})
    assert found == ({"CorsOrigins": ",".join(dict.fromkeys(origins))} if origins else {})


def definition(**settings: str) -> dict:
    """Return the definition of an API with settings."""
    return api_definition(json.loads(DOCUMENT.read_text(encoding="utf-8")), DEFAULTS | settings)


def resolved(value, settings):
    """Return a part of a definition with its parameters, as CloudFormation resolves them."""
    if isinstance(value, list):
        return [resolved(one, settings) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return settings[value["Ref"]]
    if value.keys() == {"Fn::Split"}:
        return resolved(value["Fn::Split"][1], settings).split(",")
    if value.keys() == {"Fn::Sub"}:
        return "text"
    return {key: resolved(one, settings) for key, one in value.items()}


@pytest.mark.parametrize(("auth", "kind"), [("iam", "AWS_IAM"), ("jwt", "JWT")])
def test_definition_of_a_protected_api_protects_every_route_and_has_no_page(auth, kind):
    settings = TOKENS | {"Authorizer": auth}
    found = read_definition(resolved(definition(**settings), settings))
    assert {key for key, *_ in found.routes} == {
        *("POST /predict", "GET /health", "GET /openapi.json")
    }
    assert {security["AuthorizationType"] for *_, security in found.routes} == {kind}
    assert found.api["CorsConfiguration"]["AllowOrigins"] == ["https://shop.example"]
    assert "authorization" in found.api["CorsConfiguration"]["AllowHeaders"]
    if auth == "jwt":
        (authorizer,) = found.authorizers.values()
        assert authorizer["JwtConfiguration"] == {"Issuer": ISSUER, "Audience": ["app", "other"]}


def test_definition_of_an_open_api_is_what_it_was():
    found = read_definition(resolved(definition(), {}))
    assert len(found.routes) == 4
    assert {len(security) for *_, security in found.routes} == {0}
    assert not {"components", "x-amazon-apigateway-cors"} & set(definition())


def test_change_of_the_authorizer_publishes_a_version_whose_page_is_off():
    protected = replace(PLAN, named={"Authorizer": "iam"})
    first, second = stack_parameters(PLAN), stack_parameters(protected)
    assert first["ReleaseSha256"] != second["ReleaseSha256"]
    assert second["Authorizer"] == "iam"
    assert first["DefinitionUri"] != second["DefinitionUri"]
    assert "Authorizer" in json.dumps(stack_call(protected, None).parameters["Parameters"])


def test_open_api_is_announced_at_every_release():
    assert "anybody who knows the address of the API" in PLAN.warning
    assert replace(PLAN, previous={"Page": "off"}).warning == PLAN.warning
    for access in ({"Authorizer": "iam"}, TOKENS):
        assert replace(PLAN, named=access).warning == ""
        assert replace(PLAN, previous=access).warning == ""

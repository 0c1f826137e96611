"""An API for callers with AWS credentials, then for callers with tokens, then for anybody again."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from local_aws.testing import running_local_aws
from local_aws.tests.apigateway.issuers import Issuer, running_issuer
from tests.documents import arguments_of, marked_blocks
from tests.end_to_end.functions.lambda_release import LambdaRelease, make_lambda_release
from tests.scripts.page.serving import served

pytestmark = pytest.mark.slow

PAGE = "docs/how-to/public-api.md"
THIS = "tests/end_to_end/functions/test_protected_api.py"
NAMED = ("--recipe", "spooky-ngrams")
ORIGIN = "https://shop.example"
WARNING = "anybody who knows the address of the API"
LAMBDA = ("deploy", *NAMED, "--target", "lambda")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """Run an issuer of tokens."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def api() -> Iterator[LambdaRelease]:
    """Make a release in its own local AWS, which the tests change in order."""
    with running_local_aws("--instance-cpus", "1") as aws:
        release = make_lambda_release(aws)
        assert release.deploy["auth"] == "none"
        yield release


def run_block(release: LambdaRelease, number: int, **replaced: str):
    """Run a block of the page with other words in it; return what each command printed."""
    ended = []
    for line in marked_blocks(PAGE, THIS)[number].splitlines():
        _, *words = line.split(" ", 1)
        name, *rest = arguments_of(words[0])
        rest = [replaced.get(word, word) for word in rest]
        ended.append(release.scripts.run(name, *rest))
    return ended


def status_of(release: LambdaRelease, path: str, method: str = "GET", **headers: str):
    """Return the status and headers of the response to a request without a signature."""
    request = urllib.request.Request(  # noqa: S310 - the local AWS
        release.deploy["api_url"] + path,
        data=b'{"text": "a"}' if method == "POST" else None,
        headers={"content-type": "application/json", **headers},
        method=method,
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.status, response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def all_statuses(release: LambdaRelease, **headers: str) -> set[int]:
    """Return the statuses of every route."""
    routes = [("/predict", "POST"), ("/health", "GET"), ("/openapi.json", "GET")]
    return {status_of(release, *route, **headers)[0] for route in routes}


def test_api_for_callers_with_credentials_refuses_all_others(api):
    assert all_statuses(api) == {200}
    deployed, invoked = run_block(api, 0)
    assert deployed.result["auth"] == "iam"
    assert WARNING not in deployed.stderr
    assert invoked.result["predictions"]
    assert all_statuses(api) == {403}
    assert status_of(api, "/")[0] == 404
    refused = api.scripts.run(*LAMBDA, "--page")
    assert "--page is for --auth none" in refused.error
    token = api.scripts.run("invoke", *NAMED, "--target", "api", "--token-file", "x", "a text")
    assert "--token-file is for an API with --auth jwt; this one has --auth iam" in token.error


def test_playground_shows_a_signed_request_which_curl_sends(api):
    with served(api.scripts.aws.url, api.scripts.region) as playground:
        (model,) = playground.models()["models"]
    assert model["auth"] == "iam"
    signed = f"--aws-sigv4 aws:amz:{model['region']}:execute-api --user local:local"  # as page.js
    sent = ["--header", "Content-Type: application/json", "--data-raw", '{"text": "The moon"}']
    command = ["curl", "--silent", model["url"], *signed.split(), *sent]
    ended = subprocess.run(command, capture_output=True, check=True)
    assert json.loads(ended.stdout)["predictions"]


def test_policies_of_a_user_of_the_local_iam_decide_whether_invoke_is_served(api):
    iam, user, ask = api.scripts.client("iam"), {"UserName": "ana"}, ("invoke", *NAMED, "a text")
    iam.create_user(**user)
    key = iam.create_access_key(**user)["AccessKey"]
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    keys = dict(zip(names, (key["AccessKeyId"], key["SecretAccessKey"]), strict=True))

    def invoke():
        return api.scripts.run(*ask, "--target", "api", **keys)

    def allow(name, *actions):
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(**user, PolicyName=name, PolicyDocument=document)

    assert "user/ana is not authorized to perform: " in invoke().error
    allow("read", "cloudformation:Describe*", "sagemaker:Describe*", "sagemaker:List*", "lambda:*")
    assert "403" in invoke().error
    allow("call", "execute-api:Invoke")
    assert invoke().result["predictions"]


def test_api_for_callers_with_tokens_refuses_all_others(api, issuer, tmp_path):
    path = tmp_path / "token.txt"
    path.write_text(issuer.token(aud="classifier"), encoding="ascii")
    replaced = {"https://issuer.example": issuer.url, "token.txt": str(path)}
    deployed, invoked = run_block(api, 1, **replaced)
    assert deployed.result["auth"] == "jwt"
    assert invoked.result["predictions"]
    assert path.read_text() not in invoked.stderr + json.dumps(invoked.result)
    assert all_statuses(api) == {401}
    assert all_statuses(api, Authorization=f"Bearer {path.read_text()}") == {200}
    missing = api.scripts.run("invoke", *NAMED, "--target", "api", "a text")
    assert f"accepts only tokens of {issuer.url}" in missing.error
    path.write_text(issuer.token(aud="another"), encoding="ascii")
    wrong = api.scripts.run(
        "invoke", *NAMED, "--target", "api", "--token-file", str(path), "a text"
    )
    assert "did not accept the token (401): the token does not have a valid audience" in wrong.error
    assert path.read_text() not in wrong.stderr


def test_update_keeps_the_authorizer_and_adds_and_removes_origins(api, issuer):
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    added, removed = run_block(api, 2)
    assert (added.result["auth"], removed.result["auth"]) == ("jwt", "jwt")
    assert f"JwtIssuer {issuer.url}" in added.stderr
    assert status_of(api, "/predict", "OPTIONS", **preflight)[0] == 403
    api.scripts.run(*LAMBDA, "--cors-origin", ORIGIN)
    status, headers = status_of(api, "/predict", "OPTIONS", **preflight)
    assert (status, headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert headers["access-control-allow-methods"] == "GET,POST"
    assert "authorization" in headers["access-control-allow-headers"].split(",")
    token = {"Authorization": f"Bearer {issuer.token(aud='classifier')}"}
    status, headers = status_of(api, "/predict", "POST", Origin=ORIGIN, **token)
    assert (status, headers["access-control-allow-origin"]) == (200, ORIGIN)


def test_issuer_that_does_not_answer_fails_the_deployment_and_changes_nothing(api, issuer):
    failed = api.scripts.run(*LAMBDA, "--jwt-issuer", f"{issuer.url}/other")
    assert "Issuer must have a valid discovery endpoint" in failed.error
    assert "It serves the previous release." in failed.error
    assert all_statuses(api) == {401}
    token = f"Bearer {issuer.token(aud='classifier')}"
    assert all_statuses(api, Authorization=token) == {200}


def test_refusals_are_in_the_access_log_with_their_reason(api):
    logs = api.scripts.client("logs")
    group = f"/aws/apigateway/{api.deploy['stack_name']}"
    events = logs.filter_log_events(logGroupName=group)["events"]
    reasons = {json.loads(event["message"])["authorizer_error"] for event in events}
    assert {"the request has no token", "the token does not have a valid audience"} <= reasons


def test_api_for_anybody_is_announced_and_has_its_page_again(api):
    opened = api.scripts.run(*LAMBDA, "--auth", "none")
    assert WARNING in opened.stderr
    assert all_statuses(api) == {200}
    assert status_of(api, "/")[0] == 200
    planned = api.scripts.run(*LAMBDA, "--auth", "iam", "--dry-run")
    assert '"Authorizer"' in json.dumps(planned.result["calls"])

"""Send texts to a recipe's Lambda function, directly or through its HTTP API.

A protected API gets a signature of the caller's credentials, or a token. No message quotes either.
"""

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError, RequestError, reason_of
from scripts.account.aws import Aws, Call
from scripts.functions.access import IAM, JWT, OPEN

_SECONDS = 35  # the API itself waits 30
# Without --package, `deploy` may release another model, also one that a rollback has left.
_AGAIN = "deploy the --package that serves, which status shows, with"
_ERRORS = {
    429: f"the API throttles requests (429). Wait, or {_AGAIN} a higher --rate",
    503: "the function is at its concurrency limit, or timed out (503). Try again, or "
    f"{_AGAIN} a higher --concurrency",
}
_TOKEN = "NEWSGROUP_CLASSIFIER_TOKEN"  # noqa: S105  the name of a variable
_DENIED = {
    IAM: "the API did not accept the signature ({status}): check your credentials, and that their "
    "policies allow execute-api:Invoke",
    JWT: "the API did not accept the token ({status}){reason}",
    OPEN: "the API denied access ({status})",
}
_REASON = re.compile(r'error(?:_description)?="([^"]*)"')
_FAULTS = ("ModelUnavailable", "EndpointTimeout", "TooManyRequests", "InternalError")


def api_url(aws: Aws, address: str) -> str:
    """Return the URL of an API: its own on AWS, and a path of the local AWS there."""
    if not aws.is_local:
        return address
    host, slash, path = address.removeprefix("https://").partition("/")
    base, name = (aws.endpoint_url or "").rstrip("/"), host.partition(".")[0]
    return f"{base}/_local_aws/apis/{name}{slash}{path}"


def function_call(outputs: Mapping[str, str]) -> Call:
    """Return the call that invokes the function, without its payload."""
    return Call("lambda", "invoke", {"FunctionName": outputs["FunctionAlias"]})


def api_call(aws: Aws, outputs: Mapping[str, str]) -> Call:
    """Return the request to the HTTP API, without its body, in the form of a call."""
    url = f"{api_url(aws, outputs['ApiUrl'])}/predict"
    auth = outputs.get("Authorizer", OPEN)
    protection = {} if auth == OPEN else {"Auth": auth}
    parameters = {"Url": url, "ContentType": "application/json", **protection}
    return Call("execute-api", "post", parameters)


def read_token(outputs: Mapping[str, str], path: str | None) -> str:
    """Return the token for an API from a file or the environment, "" for an API without tokens.

    Raise DeploymentError if there is none for an API that needs one, or a file for another API.
    """
    auth = outputs.get("Authorizer", OPEN)
    if auth != JWT:
        if path:
            raise DeploymentError(
                f"--token-file is for an API with --auth {JWT}; this one has --auth {auth}"
            )
        return ""
    source = f"the file {path}" if path else f"the variable {_TOKEN}"
    try:
        text = Path(path).read_text("ascii") if path else os.environ.get(_TOKEN, "")
    except (OSError, ValueError) as error:
        raise DeploymentError(
            f"the token cannot be read from {source}: {reason_of(error)}"
        ) from None
    if not text.strip():
        raise DeploymentError(
            f"the API accepts only tokens of {outputs.get('JwtIssuer')}, and {source} is "
            f"{'empty' if path else 'not set'}. "
            f"Pass --token-file, or set {_TOKEN}"
        )
    if not re.fullmatch(r"[A-Za-z0-9._-]+", text.strip()):
        raise DeploymentError(f"{source} does not contain a token, which has three parts of base64")
    return text.strip()


def _content(texts: list[str], explain: int) -> bytes:
    return json.dumps({"instances": texts} | ({"explain": explain} if explain else {})).encode()


def invoke_function(aws: Aws, call: Call, texts: list[str], explain: int = 0) -> dict[str, Any]:
    """Invoke the function with texts; raise RequestError or DeploymentError with the reason."""
    payload = _content(texts, explain)
    client = aws.client(call.service)
    try:
        response = client.invoke(**call.parameters, Payload=payload)
    except client.exceptions.TooManyRequestsException as error:
        raise DeploymentError(
            "the function is at its concurrency limit (429). Try again, or "
            f"{_AGAIN} a higher --concurrency"
        ) from error
    content = _parse(response["Payload"].read())
    if "FunctionError" in response:
        reason = content.get("errorMessage", "AWS gave no reason")
        raise DeploymentError(f"the function failed ({response['FunctionError']}): {reason}")
    return _predictions(content, 200)


def _signed(aws: Aws, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest("POST", url, headers, body)
    SigV4Auth(aws.credentials(), "execute-api", aws.region).add_auth(request)
    return dict(request.headers.items())


def invoke_api(
    aws: Aws, call: Call, texts: list[str], explain: int = 0, token: str = ""
) -> dict[str, Any]:
    """Post texts to the HTTP API; raise RequestError or DeploymentError with the reason."""
    url, auth = call.parameters["Url"], call.parameters.get("Auth", OPEN)
    headers = {"content-type": call.parameters["ContentType"]}
    body = _content(texts, explain)
    if auth == IAM:
        headers = _signed(aws, url, headers, body)
    elif token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, body, headers)  # noqa: S310  a stack's output
    # A proxy cannot reach this machine.
    proxies = urllib.request.ProxyHandler({} if aws.is_local else None)
    try:
        with urllib.request.build_opener(proxies).open(request, timeout=_SECONDS) as response:
            return _predictions(_parse(response.read()), response.status)
    except urllib.error.HTTPError as error:
        with error:
            content = _parse(error.read())
            if error.code in (401, 403) and "error" not in content:
                raise _denied(auth, error) from error
            return _predictions(content, error.code)
    except (OSError, HTTPException) as error:
        raise DeploymentError(
            f"{request.full_url} did not return a complete response: {reason_of(error)}"
        ) from error


def _denied(auth: str, error: urllib.error.HTTPError) -> DeploymentError:
    reasons = _REASON.findall(error.headers.get("www-authenticate", ""))
    reason = f": {reasons[-1]}" if reasons else ""
    return DeploymentError(_DENIED[auth].format(status=error.code, reason=reason))


def _parse(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise DeploymentError(f"the response is not a JSON object: {body[:80]!r}")
    return content


def _predictions(content: dict[str, Any], status: int) -> dict[str, Any]:
    if "predictions" in content:
        return content
    error = content.get("error")
    if isinstance(error, dict):
        message = f"{error.get('message')} (request {error.get('request_id')})"
        raise DeploymentError(message) if error.get("code") in _FAULTS else RequestError(message)
    if status in _ERRORS:
        raise DeploymentError(_ERRORS[status])
    raise DeploymentError(f"the API returned {status}: {content.get('message', content)}")

"""Send texts to a recipe's Lambda function, directly or through its HTTP API."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from newsgroup_classifier.errors import DeploymentError, RequestError, reason_of
from scripts.account.aws import Aws, Call

_SECONDS = 35  # the API itself waits 30
_ERRORS = {
    429: "the API throttles requests (429). Wait, or deploy with a higher --rate",
    503: "the function is at its concurrency limit, or timed out (503). Try again, or deploy with "
    "a higher --concurrency",
}
_FAULTS = ("ModelUnavailable", "EndpointTimeout", "TooManyRequests", "InternalError")
_API_URL = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")


def api_url(aws: Aws, address: str) -> str:
    """Return the URL of an API: its own on AWS, and a path of the local AWS there."""
    if not aws.is_local:
        return address
    match = _API_URL.match(address)
    if match is None:
        raise DeploymentError(f"{address} is not the address of an HTTP API")
    base = (aws.endpoint_url or "").rstrip("/")
    return f"{base}/_local_aws/apis/{match[1]}{address[match.end() :]}"


def function_call(outputs: Mapping[str, str]) -> Call:
    """Return the call that invokes the function, without its payload."""
    return Call("lambda", "invoke", {"FunctionName": outputs["FunctionAlias"]})


def api_call(aws: Aws, outputs: Mapping[str, str]) -> Call:
    """Return the request to the HTTP API, without its body, in the form of a call."""
    url = f"{api_url(aws, outputs['ApiUrl'])}/predict"
    return Call("execute-api", "post", {"Url": url, "ContentType": "application/json"})


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
            "the function is at its concurrency limit (429). Try again, or deploy with a higher "
            "--concurrency"
        ) from error
    content = _parse(response["Payload"].read())
    if "FunctionError" in response:
        reason = content.get("errorMessage", "AWS gave no reason")
        raise DeploymentError(f"the function failed ({response['FunctionError']}): {reason}")
    return _predictions(content, 200)


def invoke_api(aws: Aws, call: Call, texts: list[str], explain: int = 0) -> dict[str, Any]:
    """Post texts to the HTTP API; raise RequestError or DeploymentError with the reason."""
    request = urllib.request.Request(  # noqa: S310  the address is a stack's output
        call.parameters["Url"],
        data=_content(texts, explain),
        headers={"content-type": call.parameters["ContentType"]},
    )
    # A proxy cannot reach this machine.
    proxies = urllib.request.ProxyHandler({} if aws.is_local else None)
    try:
        with urllib.request.build_opener(proxies).open(request, timeout=_SECONDS) as response:
            return _predictions(_parse(response.read()), response.status)
    except urllib.error.HTTPError as error:
        with error:
            return _predictions(_parse(error.read()), error.code)
    except (OSError, HTTPException) as error:
        raise DeploymentError(
            f"{request.full_url} did not return a complete response: {reason_of(error)}"
        ) from error


def _parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a response; raise DeploymentError for anything else."""
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise DeploymentError(f"the response is not a JSON object: {body[:80]!r}")
    return content


def _predictions(content: dict[str, Any], status: int) -> dict[str, Any]:
    """Return the predictions of a response, or raise its error."""
    if "predictions" in content:
        return content
    error = content.get("error")
    if isinstance(error, dict):
        message = f"{error.get('message')} (request {error.get('request_id')})"
        raise DeploymentError(message) if error.get("code") in _FAULTS else RequestError(message)
    if status in _ERRORS:
        raise DeploymentError(_ERRORS[status])
    raise DeploymentError(f"the API returned {status}: {content.get('message', content)}")

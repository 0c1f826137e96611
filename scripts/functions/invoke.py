"""Send texts to a recipe's Lambda function: directly, or by its HTTP API."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from newsgroup_classifier.errors import DeploymentError, RequestError
from scripts.account.aws import Aws, Call
from scripts.functions.api_address import api_url

_SECONDS = 35  # the API itself waits 30
_ERRORS = {
    429: "the API takes no more requests for the moment (429). Wait a little, or deploy with a "
    "higher --rate",
    503: "all of the function's places are taken, or it took too long (503). Try again, or deploy "
    "with a higher --concurrency",
}


def function_call(outputs: Mapping[str, str]) -> Call:
    """Return the call that invokes the function, without its payload."""
    return Call("lambda", "invoke", {"FunctionName": outputs["FunctionAlias"]})


def api_call(aws: Aws, outputs: Mapping[str, str]) -> Call:
    """Return the request to the HTTP API, without its body, in the form of a call."""
    url = f"{api_url(aws, outputs['ApiUrl'])}/predict"
    return Call("execute-api", "post", {"Url": url, "ContentType": "application/json"})


def invoke_function(aws: Aws, call: Call, texts: list[str]) -> dict[str, Any]:
    """Invoke the function with texts; raise RequestError or DeploymentError with the reason."""
    payload = json.dumps({"instances": texts}).encode()
    client = aws.client(call.service)
    try:
        answer = client.invoke(**call.parameters, Payload=payload)
    except client.exceptions.TooManyRequestsException as error:
        raise DeploymentError(
            f"the function takes no more calls for the moment (429): {error}. Try again, or deploy "
            "with a higher --concurrency"
        ) from error
    content = _parsed(answer["Payload"].read())
    if "FunctionError" in answer:
        reason = content.get("errorMessage", "no reason was given")
        raise DeploymentError(f"the function failed ({answer['FunctionError']}): {reason}")
    return _predictions(content, 200)


def invoke_api(aws: Aws, call: Call, texts: list[str]) -> dict[str, Any]:
    """Post texts to the HTTP API; raise RequestError or DeploymentError with the reason."""
    request = urllib.request.Request(  # noqa: S310  the address is a stack's output
        call.parameters["Url"],
        data=json.dumps({"instances": texts}).encode(),
        headers={"content-type": call.parameters["ContentType"]},
    )
    # No proxy knows this machine.
    proxies = urllib.request.ProxyHandler({} if aws.is_local else None)
    try:
        with urllib.request.build_opener(proxies).open(request, timeout=_SECONDS) as answer:
            return _predictions(_parsed(answer.read()), answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return _predictions(_parsed(error.read()), error.code)
    except (OSError, HTTPException) as error:
        raise DeploymentError(f"{request.full_url} gave no whole answer: {error}") from error


def _parsed(body: bytes) -> dict[str, Any]:
    """Return an answer's JSON object; raise DeploymentError for anything else."""
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise DeploymentError(f"the answer is no JSON object: {body[:80]!r}")
    return content


def _predictions(content: dict[str, Any], status: int) -> dict[str, Any]:
    """Return the predictions in an answer, or raise the error that it stands for."""
    if "predictions" in content:
        return content
    error = content.get("error")
    if isinstance(error, dict):
        message = f"{error.get('message')} (request {error.get('request_id')})"
        ours = error.get("code") in ("ModelUnavailable", "InternalError")
        raise DeploymentError(message) if ours else RequestError(message)
    if status in _ERRORS:
        raise DeploymentError(_ERRORS[status])
    raise DeploymentError(f"the API answered {status}: {content.get('message', content)}")

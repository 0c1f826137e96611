"""The smoke request: a new release answers the example of its package before it is trusted."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.text.request_bodies import error_message
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.lineage import Example, example_of, read_lineage
from scripts.account.naming import endpoint_log_group

SECONDS = 20  # within which a release answers, by default
LATEST = "$LATEST"  # what the next version of a function is published from


@dataclass(frozen=True)
class Smoke:
    """The example that a release must answer, None to ask nothing, and the seconds it has."""

    example: Example | None
    seconds: int = SECONDS
    log: str = ""  # the log group that outlives a failed release, if there is one


def smoke_of(aws: Aws, package: Mapping[str, Any], recipe: Recipe, seconds: int) -> Smoke:
    """Return the smoke request of a package, with the example that it carries."""
    example = example_of(read_lineage(aws, package), recipe.inputs) if seconds else None
    return Smoke(example, seconds)


def ask_endpoint(aws: Aws, endpoint: str, smoke: Smoke) -> None:
    """Send the example to an endpoint; raise DeploymentError unless the answer is the expected."""

    def send(client: Any, example: Example) -> tuple[int, bytes]:
        try:
            response = client.invoke_endpoint(
                EndpointName=endpoint,
                Body=example.body,
                ContentType=example.content_type,
                Accept="application/json",
            )
        except client.exceptions.ModelError as error:
            message = str(error.response.get("OriginalMessage", ""))
            return int(error.response.get("OriginalStatusCode", 500)), message.encode()
        return 200, response["Body"].read()

    named = replace(smoke, log=endpoint_log_group(endpoint))
    _ask(aws, "sagemaker-runtime", f"endpoint {endpoint}", named, send)


def ask_function(aws: Aws, function: str, version: str, smoke: Smoke) -> None:
    """Send the example to a version of a function; raise DeploymentError like ask_endpoint."""

    def send(client: Any, example: Example) -> tuple[int, bytes]:
        response = client.invoke(FunctionName=function, Qualifier=version, Payload=example.body)
        status = 500 if "FunctionError" in response else 200
        return status, response["Payload"].read()

    what = "the new release" if version == LATEST else f"version {version}"
    _ask(aws, "lambda", f"{what} of function {function}", smoke, send)


def _ask(
    aws: Aws,
    service: str,
    who: str,
    smoke: Smoke,
    send: Callable[[Any, Example], tuple[int, bytes]],
) -> None:
    from botocore.exceptions import ConnectionError as Unreachable  # --help does not need them
    from botocore.exceptions import HTTPClientError

    if smoke.example is None:
        return
    limits = {"read_timeout": smoke.seconds, "retries": {"total_max_attempts": 1}}
    try:
        status, body = send(aws.new_client(service, **limits), smoke.example)
        result = _label(status, body)
    except (HTTPClientError, Unreachable) as error:
        result = f"no response within {smoke.seconds} s ({type(error).__name__})"
    expected = f"the label {smoke.example.label!r}"
    if result == expected or (not smoke.example.label and result.startswith("the label ")):
        say(f"Smoke request: {who} returned {result}.")
        return
    wanted = expected if smoke.example.label else "any label"
    row = f" (row {smoke.example.row} of its test data)" if smoke.example.row else ""
    answered = result.startswith("the label ") or not smoke.log
    hint = "" if answered else f". Its log group is {smoke.log}"
    raise DeploymentError(
        f"{who} failed the smoke request: expected {wanted} for the example of the package{row}, "
        f"found {result}{hint}"
    )


def _label(status: int, body: bytes) -> str:
    if status != 200:
        return f"status {status}: {_error_message(body)}"
    try:
        (prediction,) = json.loads(body)["predictions"]
        return f"the label {prediction['label']!r}"
    except (ValueError, KeyError, TypeError):
        return f"a response without one prediction: {_error_message(body)}"


def _error_message(body: bytes) -> str:
    """Return the message of an error that a container or a function answers, or its beginning."""
    return error_message(body) or " ".join(body[:200].decode("utf-8", "replace").split())

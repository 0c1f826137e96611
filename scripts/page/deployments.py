"""The endpoints and functions of an environment, and predictions with any of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambda_handler.endpoint.invocation import LIMITS, EndpointHandler
from lambda_handler.errors import EndpointTimeout, ModelError, NotFound, Throttled
from newsgroup_classifier.datasets.files.images import ink_size
from newsgroup_classifier.errors import PayloadTooLarge, RequestError, ServingError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.ownership import Tags, fault_of, sagemaker_tags
from scripts.account.stacks import list_stacks, outputs_of, parameters_of, tags_of
from scripts.endpoints.live import config_tags, describe_endpoint, list_endpoints
from scripts.functions.access import OPEN
from scripts.functions.invoke import api_url

ENDPOINT, FUNCTION = "endpoint", "function"
_MOST_TEXTS = {ENDPOINT: 500, FUNCTION: 100}  # of a request of the page
_ERRORS = (RequestError, PayloadTooLarge, ModelError, EndpointTimeout, Throttled)
# The messages of EndpointHandler name the time-out.
_ONE_ATTEMPT = {"retries": {"total_max_attempts": 1}, "read_timeout": LIMITS.read_timeout}


@dataclass(frozen=True)
class Deployment:
    """An endpoint or function: what it is invoked by, its address, status and tags."""

    kind: str
    target: str
    url: str
    status: str
    tags: Tags
    auth: str = OPEN  # who may call the address, if it is that of an HTTP API

    @property
    def id(self) -> str:
        """The name that the page selects it by."""
        return f"{self.kind}/{self.target}"

    def describe(self) -> dict[str, Any]:
        """Return what the page needs of it."""
        name, data = self.tags.get("recipe", "unknown recipe"), self.tags.get("data")
        recipe = RECIPES.get(name)
        shown = self.target.partition(":function:")[2] or self.target
        facts = [f"{self.kind.capitalize()} {shown}"]
        if recipe and recipe.least_lines > 1:
            facts.append(f"which ignores the first {recipe.least_lines - 1} lines of a text")
        return {
            "id": self.id,
            "kind": self.kind,
            "auth": self.auth,
            "place": f"{self.kind} {shown}",
            "name": f"{name} for {data}" if data else name,
            "about": ", ".join(facts),
            "inputs": recipe.inputs if recipe else "texts",
            "lines": recipe.least_lines if recipe else 1,
            "own": bool(data),
            "status": self.status,
            "target": self.target,
            "url": self.url,
            "most": _MOST_TEXTS[self.kind],
            "fit": ink_size(recipe.dataset if recipe else ""),
        }


class Deployments:
    """The endpoints and functions of a stack, which the tags name."""

    def __init__(self, aws: Aws, stack: str) -> None:
        self._aws, self._stack = aws, stack
        self._runtime = aws.new_client("sagemaker-runtime", **_ONE_ATTEMPT)
        self._lambda = aws.new_client("lambda", **_ONE_ATTEMPT)
        self._by_id: dict[str, Deployment] = {}

    def find(self) -> list[Deployment]:
        """Return them all, endpoints first."""
        listing = [*self._endpoints(), *self._functions()]
        self._by_id |= {deployment.id: deployment for deployment in listing}
        return listing

    def _endpoints(self) -> Iterator[Deployment]:
        address = self._runtime.meta.endpoint_url.rstrip("/")
        for endpoint in list_endpoints(self._aws):
            name, own = endpoint["EndpointName"], sagemaker_tags(self._aws, endpoint["EndpointArn"])
            if own is None or fault_of(own, self._stack):
                continue
            tags = config_tags(self._aws, endpoint)
            url = f"{address}/endpoints/{name}/invocations"
            status = endpoint["EndpointStatus"]
            yield Deployment(ENDPOINT, name, url, status, tags if "recipe" in tags else own)

    def _functions(self) -> Iterator[Deployment]:
        """Yield the functions that have a model; those in front of an endpoint serve that of it."""
        for stack in list_stacks(self._aws):
            tags, outputs = tags_of(stack), outputs_of(stack)
            is_function = "CodeBucket" in parameters_of(stack) and not fault_of(tags, self._stack)
            if is_function and {"FunctionAlias", "ApiUrl"} <= outputs.keys():
                url = f"{api_url(self._aws, outputs['ApiUrl'])}/predict"
                auth = outputs.get("Authorizer", OPEN)
                yield Deployment(FUNCTION, outputs["FunctionAlias"], url, "InService", tags, auth)

    def predict(self, identity: str, body: bytes) -> bytes:
        """Return the response of a deployment that was found; raise ServingError otherwise."""
        deployment = self._by_id.get(identity)
        if deployment is None:
            raise NotFound("the model is not one of this environment. Reload the list of models.")
        is_endpoint = deployment.kind == ENDPOINT
        invoke = self._invoke_endpoint if is_endpoint else self._invoke_function
        return invoke(deployment.target, body)

    def _invoke_endpoint(self, name: str, body: bytes) -> bytes:
        try:
            return EndpointHandler(self._runtime, {"ENDPOINT_NAME": name}).invoke(body)
        except ModelError:
            if describe_endpoint(self._aws, name) is None:
                raise _gone(ENDPOINT, name) from None
            raise

    def _invoke_function(self, alias: str, body: bytes) -> bytes:
        client = self._lambda
        try:
            response = client.invoke(FunctionName=alias, Payload=body)
        except client.exceptions.TooManyRequestsException:
            raise Throttled(
                f"the function {alias} is at its concurrency limit; try again later"
            ) from None
        except client.exceptions.ResourceNotFoundException:
            raise _gone(FUNCTION, alias) from None
        content: bytes = response["Payload"].read()
        if "FunctionError" in response:
            error = json.loads(content)
            reason = error.get("errorMessage", "AWS gave no reason")
            is_large = error.get("errorType") == "Function.ResponseSizeTooLarge"
            failure = PayloadTooLarge if is_large else ServingError
            raise failure(f"the function {alias} failed: {reason}")
        if content.startswith(b'{"error"'):
            error = json.loads(content)["error"]
            kinds = {kind.code: kind for kind in _ERRORS}
            raise kinds.get(error["code"], ServingError)(error["message"])
        return content


def _gone(kind: str, name: str) -> NotFound:
    return NotFound(f"the {kind} {name} was deleted. Reload the list of models.")

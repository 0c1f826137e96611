"""Read an OpenAPI 3 document with API Gateway's extensions: the API, its routes, integrations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.routing import DEFAULT

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_NAMED = f"#/components/{_INTEGRATION}s/"
# Extensions that AWS would carry out and the local AWS does not.
_REFUSED = (
    "x-amazon-apigateway-cors", "x-amazon-apigateway-authorizer", "x-amazon-apigateway-policy",
    "x-amazon-apigateway-endpoint-configuration",
)  # fmt: skip
_INTEGRATION_KEYS = {
    "type": "IntegrationType",
    "httpMethod": "IntegrationMethod",
    "uri": "IntegrationUri",
    "payloadFormatVersion": "PayloadFormatVersion",
    "timeoutInMillis": "TimeoutInMillis",
    "connectionType": "ConnectionType",
    "description": "Description",
}


@dataclass(frozen=True)
class Definition:
    """What an OpenAPI document makes."""

    api: dict[str, Any]
    routes: list[tuple[str, str | None, dict[str, Any]]]  # route key, operation id, integration


def read_definition(body: Any) -> Definition:
    """Return the API of a document, text or parsed; raise BadRequest if it is none."""
    document = _parse(body) if isinstance(body, str) else body
    if not isinstance(document, dict):
        raise BadRequest("Unable to parse the API definition: it is no map.")
    version = str(document.get("openapi", ""))
    if not version.startswith(("3.0", "3.1")):
        raise BadRequest(f"Invalid OpenAPI input: openapi must be 3.0 or 3.1, got {version!r}.")
    for name in _REFUSED:
        if name in document:
            raise BadRequest(f"The local AWS does not reproduce {name} of an API definition.")
    if document.get("security"):
        raise BadRequest("The local AWS does not reproduce security of an API definition.")
    info = document.get("info", {})
    if not isinstance(info, dict) or not info.get("title"):
        raise BadRequest("Invalid OpenAPI input: info.title is needed.")
    api = {"Name": str(info["title"]), "Version": str(info.get("version", ""))}
    if info.get("description"):
        api["Description"] = str(info["description"])
    return Definition(api | {"Tags": _tags(document)}, list(_routes(document)))


def _parse(body: str) -> Any:
    if body.lstrip().startswith("{"):
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"Unable to parse the API definition: {error}") from error
    import yaml

    try:
        return yaml.safe_load(body)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadRequest(f"Unable to parse the API definition: {error}") from error


def _tags(document: dict[str, Any]) -> dict[str, str]:
    given = document.get("tags", [])
    return {
        str(tag.get("name")): str(tag["x-amazon-apigateway-tag-value"])
        for tag in (given if isinstance(given, list) else [])
        if isinstance(tag, dict) and "x-amazon-apigateway-tag-value" in tag
    }


def _routes(document: dict[str, Any]) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    paths = document.get("paths")
    if not isinstance(paths, dict):
        raise BadRequest("Invalid OpenAPI input: paths is needed.")
    for path, methods in paths.items():
        if not isinstance(path, str):
            raise BadRequest(f"Invalid OpenAPI input: the path {path!r} is no text.")
        if not isinstance(methods, dict):
            raise BadRequest(f"Invalid OpenAPI input: the path {path} is no map.")
        for method, operation in methods.items():
            if method != _ANY and method not in _METHODS:
                continue  # a summary, parameters, servers: they say nothing about routing
            if not isinstance(operation, dict):
                raise BadRequest(f"Invalid OpenAPI input: {method} {path} is no map.")
            key = DEFAULT if path == f"/{DEFAULT}" else f"{_name(method)} {path}"
            yield key, operation.get("operationId"), _integration(document, key, operation)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _name(method: str) -> str:
    return "ANY" if method == _ANY else method.upper()


def _integration(document: dict[str, Any], key: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return the integration of an operation, in the words of CreateIntegration."""
    if operation.get("security"):
        raise BadRequest(f"The local AWS does not reproduce security (route {key}).")
    given = operation.get(_INTEGRATION)
    if isinstance(given, dict) and str(given.get("$ref", "")).startswith(_NAMED):
        name = given["$ref"].removeprefix(_NAMED)
        given = _member(_member(document.get("components"), f"{_INTEGRATION}s"), name)
    if not isinstance(given, dict):
        raise BadRequest(f"The route {key} has no {_INTEGRATION}; the local AWS needs one.")
    unknown = {str(name) for name in given} - _INTEGRATION_KEYS.keys()
    if unknown:
        raise BadRequest(f"The local AWS does not reproduce {min(unknown)} of the route {key}.")
    integration = {_INTEGRATION_KEYS[name]: value for name, value in given.items()}
    for name in integration.keys() - {"TimeoutInMillis"}:
        integration[name] = str(integration[name])
    milliseconds = integration.get("TimeoutInMillis", 0)
    if not isinstance(milliseconds, int):
        raise BadRequest(f"timeoutInMillis of the route {key} is no number: {milliseconds!r}.")
    integration["IntegrationType"] = str(integration.get("IntegrationType", "")).upper()
    integration["PayloadFormatVersion"] = str(integration.get("PayloadFormatVersion", "1.0"))
    return integration

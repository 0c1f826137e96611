"""Read the API, routes, integrations, and authorizers in an OpenAPI 3 document of AWS's kind."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.core.utils import get_service_model

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.routing import DEFAULT
from local_aws.apigateway.security.guards import IAM, JWT
from local_aws.errors import ValidationError
from local_aws.validation import validate

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_CORS = "x-amazon-apigateway-cors"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
# Parts of a document that would change what AWS does.
_REFUSED = (
    _AUTHORIZER, "x-amazon-apigateway-policy", "x-amazon-apigateway-endpoint-configuration",
    "security",
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
    """The content of an OpenAPI document."""

    api: dict[str, Any]
    # route key, operation id, integration, and security with the name of an authorizer
    routes: list[tuple[str, str | None, dict[str, Any], dict[str, Any]]]
    authorizers: dict[str, dict[str, Any]]  # by name, with the members of CreateAuthorizer


def read_definition(body: Any) -> Definition:
    """Return the API in a document, text or parsed; raise BadRequest if it is malformed."""
    document = _parse(body) if isinstance(body, str) else body
    if not isinstance(document, dict):
        raise BadRequest("Unable to parse the API definition: it is not a map.")
    version = str(document.get("openapi", ""))
    if not version.startswith(("3.0", "3.1")):
        raise _invalid(f"openapi must be 3.0 or 3.1, got {version!r}")
    for name in _REFUSED:
        if document.get(name):
            raise BadRequest(f"The local AWS does not reproduce {name} of an API definition.")
    info = document.get("info", {})
    if not isinstance(info, dict) or not info.get("title"):
        raise _invalid("info.title is required")
    api: dict[str, Any] = {"Name": str(info["title"]), "Version": str(info.get("version", ""))}
    if info.get("description"):
        api["Description"] = str(info["description"])
    if _CORS in document:
        api["CorsConfiguration"] = _cors(document[_CORS])
    authorizers = _authorizers(document)
    return Definition(api | {"Tags": _tags(document)}, list(_routes(document)), authorizers)


def _cors(settings: Any) -> dict[str, Any]:
    """Return the CORS settings of a document with the member names of CreateApi."""
    content = settings if isinstance(settings, dict) else {"": settings}
    return _checked(
        {str(name)[:1].upper() + str(name)[1:]: content[name] for name in content}, "Cors"
    )


def _checked(members: dict[str, Any], shape: str) -> dict[str, Any]:
    """Return members that fit a shape of apigatewayv2; raise BadRequest for others."""
    try:
        validate(members, get_service_model("apigatewayv2").shape_for(shape))
    except ValidationError as error:
        raise _invalid(error.message) from error
    return members


def _schemes(document: dict[str, Any]) -> dict[str, Any]:
    schemes = _member(document.get("components"), "securitySchemes")
    return schemes if isinstance(schemes, dict) else {}


def _authorizers(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the authorizers of a document with the member names of CreateAuthorizer."""
    authorizers: dict[str, dict[str, Any]] = {}
    for name, scheme in _schemes(document).items():
        extension = _member(scheme, _AUTHORIZER)
        if extension is None:
            continue
        configuration = _member(extension, "jwtConfiguration")
        members = {
            "ApiId": "",
            "Name": name,
            "AuthorizerType": str(_member(extension, "type")).upper(),
            "IdentitySource": [_member(extension, "identitySource")],
            "JwtConfiguration": {
                "Issuer": _member(configuration, "issuer"),
                "Audience": _member(configuration, "audience"),
            },
        }
        authorizers[name] = _checked(members, "CreateAuthorizerRequest")
        del members["ApiId"]
    return authorizers


def _security(document: dict[str, Any], key: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return the authorization of a route, with the name of its authorizer as the id."""
    if "x-amazon-apigateway-auth" in operation:
        raise BadRequest(
            f"The local AWS does not reproduce x-amazon-apigateway-auth (route {key})."
        )
    security = operation.get("security")
    if not security:
        return {}
    entry = security[0] if isinstance(security, list) and len(security) == 1 else None
    if not isinstance(entry, dict) or len(entry) != 1:
        raise BadRequest(f"The local AWS reproduces one security scheme per route (route {key}).")
    ((name, scopes),) = entry.items()
    scheme = _schemes(document).get(name)
    if _member(scheme, "x-amazon-apigateway-authtype") == "awsSigv4":
        return {"AuthorizationType": IAM}
    if _member(scheme, _AUTHORIZER) is None:
        raise BadRequest(f"The security scheme {name} of the route {key} has no {_AUTHORIZER}.")
    members = {"AuthorizationType": JWT, "AuthorizerId": name, "AuthorizationScopes": scopes}
    _checked({**members, "ApiId": "", "RouteKey": key}, "CreateRouteRequest")
    return members


def _invalid(reason: str) -> BadRequest:
    return BadRequest(f"Invalid OpenAPI input: {reason}.")


def _parse(body: str) -> Any:
    import yaml

    try:
        return json.loads(body) if body.lstrip().startswith("{") else yaml.safe_load(body)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise BadRequest(f"Unable to parse the API definition: {error}") from error


def _tags(document: dict[str, Any]) -> dict[str, str]:
    tags = document.get("tags", [])
    return {
        str(tag.get("name")): str(tag["x-amazon-apigateway-tag-value"])
        for tag in (tags if isinstance(tags, list) else [])
        if isinstance(tag, dict) and "x-amazon-apigateway-tag-value" in tag
    }


def _routes(
    document: dict[str, Any],
) -> Iterator[tuple[str, str | None, dict[str, Any], dict[str, Any]]]:
    paths = document.get("paths")
    if not isinstance(paths, dict):
        raise _invalid("paths is required")
    for path, methods in paths.items():
        if not isinstance(path, str):
            raise _invalid(f"the path {path!r} is not text")
        if not isinstance(methods, dict):
            raise _invalid(f"the path {path} is not a map")
        for method, operation in methods.items():
            if method != _ANY and method not in _METHODS:
                continue  # a summary, parameters, or servers, which do not affect routing
            if not isinstance(operation, dict):
                raise _invalid(f"{method} {path} is not a map")
            name = "ANY" if method == _ANY else method.upper()
            key = DEFAULT if path == f"/{DEFAULT}" else f"{name} {path}"
            integration = _integration(key, operation)
            security = _security(document, key, operation)
            yield key, operation.get("operationId"), integration, security


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _integration(key: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return the integration of an operation, with the member names of CreateIntegration."""
    extension = operation.get(_INTEGRATION)
    if not isinstance(extension, dict):
        raise BadRequest(f"The route {key} has no {_INTEGRATION}; the local AWS needs one.")
    unknown = {str(name) for name in extension} - _INTEGRATION_KEYS.keys()
    if unknown:
        raise BadRequest(f"The local AWS does not reproduce {min(unknown)} of the route {key}.")
    integration = {_INTEGRATION_KEYS[name]: value for name, value in extension.items()}
    for name in integration.keys() - {"TimeoutInMillis"}:
        integration[name] = str(integration[name])
    integration["IntegrationType"] = str(integration.get("IntegrationType", "")).upper()
    integration["PayloadFormatVersion"] = str(integration.get("PayloadFormatVersion", "1.0"))
    _checked({**integration, "ApiId": ""}, "CreateIntegrationRequest")
    return integration

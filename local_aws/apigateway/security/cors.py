"""Cross-origin requests: the gateway answers preflights, and writes the headers of responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local_aws.apigateway.errors import BadRequest
from local_aws.apigateway.responses import ApiResponse, Headers

_ANY_ORIGIN = "*"
_PREFIX = "access-control-"
Settings = Mapping[str, Any]  # the CorsConfiguration of an API


def check_cors(settings: Settings) -> None:
    """Raise BadRequest for settings that browsers do not accept."""
    if settings.get("AllowCredentials") and _ANY_ORIGIN in settings.get("AllowOrigins", ()):
        raise BadRequest("AllowCredentials cannot be true if AllowOrigins contains *.")


def allows(settings: Settings, origin: str) -> bool:
    """Return whether pages of an origin may call the API; an entry may be http://* or https://*."""
    return any(
        entry in (_ANY_ORIGIN, origin) or (entry.endswith("://*") and origin.startswith(entry[:-1]))
        for entry in settings.get("AllowOrigins", ())
    )


def preflight(settings: Settings, headers: Mapping[str, str]) -> ApiResponse:
    """Return the response to a preflight request that no route takes."""
    answer = _origin(settings, headers)
    if answer and "access-control-request-method" in headers:
        for name in ("AllowMethods", "AllowHeaders"):
            if settings.get(name):
                answer.append((f"{_PREFIX}allow-{name[5:].lower()}", ",".join(settings[name])))
        if settings.get("MaxAge"):
            answer.append((f"{_PREFIX}max-age", str(settings["MaxAge"])))
        return ApiResponse(204, answer, b"")
    return ApiResponse(204, [], b"")


def with_cors(settings: Settings, headers: Mapping[str, str], response: ApiResponse) -> ApiResponse:
    """Return the response of a function with the API's own headers instead of the function's."""
    own = [item for item in response.headers if not item[0].lower().startswith(_PREFIX)]
    added = _origin(settings, headers)
    if added and settings.get("ExposeHeaders"):
        added.append((f"{_PREFIX}expose-headers", ",".join(settings["ExposeHeaders"])))
    return replace(response, headers=own + added)


def _origin(settings: Settings, headers: Mapping[str, str]) -> Headers:
    origin = headers.get("origin")
    if origin is None or not allows(settings, origin):
        return []
    is_any = _ANY_ORIGIN in settings["AllowOrigins"]
    answer = [(f"{_PREFIX}allow-origin", _ANY_ORIGIN if is_any else origin)]
    if settings.get("AllowCredentials"):
        answer.append((f"{_PREFIX}allow-credentials", "true"))
    return answer

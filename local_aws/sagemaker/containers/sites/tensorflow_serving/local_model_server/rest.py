"""TensorFlow Serving's REST API: route requests by method and path."""

import logging
import re
from urllib.parse import unquote

from local_model_server.json_responses import error_body
from local_model_server.servables import Servables
from local_model_server.status import Status, invalid

log = logging.getLogger(__name__)
_SERVABLE = r"(?:(?:/versions/(?P<version>[0-9]+))|(?:/labels/(?P<label>[^/:]+)))?"
_PREDICTION = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_SERVABLE}:(?P<method>classify|regress|predict)", re.IGNORECASE
)
_STATUS = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:]+))?{_SERVABLE}(?:/(?P<resource>metadata))?", re.IGNORECASE
)
_LARGEST_VERSION = 2**63 - 1


class RestApi:
    """Answers requests with a status and a JSON body."""

    def __init__(self, servables: Servables) -> None:
        self._servables = servables

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request; a path outside the API gets a 404 without a body."""
        path = target.partition("?")[0]
        if not path.lower().startswith("/v1/"):
            return 404, b""
        try:
            return 200, self._answer(method, path, body)
        except Status as error:
            return error.http, error_body(error.text)
        except RecursionError:  # from the parser or from any later step
            return 400, error_body("JSON Parse error: The document is nested too deeply.")
        except Exception as error:
            log.exception("a request failed in the model server")
            return 500, error_body(f"{type(error).__name__}: {error}")

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        match = {"POST": _PREDICTION, "GET": _STATUS}.get(method, _STATUS).fullmatch(path)
        if match is None or method not in ("POST", "GET"):
            raise invalid(f"Malformed request: {method} {path}")
        version = _version(match)
        if method == "GET":
            return self._describe(match, version)
        verb = match["method"]
        if not verb.islower():  # the real server matches paths, but not methods, in any case
            raise invalid(f"Malformed request: {method} {path}")
        servable = self._servables.find(unquote(match["name"]), version)
        return servable.predict(body) if verb == "predict" else servable.infer(verb, body)

    def _describe(self, match: re.Match[str], version: int | None) -> bytes:
        if not match["name"]:
            raise invalid("Missing model name in request.")
        name = unquote(match["name"])
        if match["resource"]:
            return self._servables.find(name, version).metadata()
        return self._servables.status(name, version)


def _version(match: re.Match[str]) -> int | None:
    if match["label"]:
        raise invalid(f"Unrecognized servable version label: {unquote(match['label'])}")
    if match["version"] is None:
        return None
    if len(match["version"]) > 19 or int(match["version"]) > _LARGEST_VERSION:
        raise invalid(f"Failed to convert version: {match['version']} to numeric.")
    return int(match["version"])

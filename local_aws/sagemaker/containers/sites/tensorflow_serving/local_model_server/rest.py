"""TensorFlow Serving's REST API: which path and method asks for what."""

import logging
import re
from urllib.parse import unquote

from local_model_server.answers_json import error_body
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
    """Answers requests with a status and a body of JSON."""

    def __init__(self, servables: Servables) -> None:
        self._servables = servables

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request; what is none of the API's paths is an empty 404."""
        path = target.partition("?")[0]
        if not path.lower().startswith("/v1/"):
            return 404, b""
        try:
            return 200, self._answer(method, path, body)
        except Status as error:
            return error.http, error_body(error.text)
        except RecursionError:  # lists in lists in lists, wherever they became too many
            return 400, error_body("JSON Parse error: The document is nested too deeply.")
        except Exception as error:
            log.exception("a request failed in the model server")
            return 500, error_body(f"{type(error).__name__}: {error}")

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        found = {"POST": _PREDICTION, "GET": _STATUS}.get(method, _STATUS).fullmatch(path)
        if found is None or method not in ("POST", "GET"):
            raise invalid(f"Malformed request: {method} {path}")
        version = _version(found)
        if method == "GET":
            return self._describe(found, version)
        asked = found["method"]
        if asked not in ("classify", "regress", "predict"):  # upper case is no method
            raise invalid(f"Malformed request: {method} {path}")
        servable = self._servables.find(unquote(found["name"]), version)
        if asked == "predict":
            return servable.predict(body)
        raise servable.refuse(asked)

    def _describe(self, found: re.Match[str], version: int | None) -> bytes:
        if not found["name"]:
            raise invalid("Missing model name in request.")
        name = unquote(found["name"])
        if found["resource"]:
            return self._servables.find(name, version).metadata()
        return self._servables.status(name, version)


def _version(found: re.Match[str]) -> int | None:
    if found["label"]:
        raise invalid(f"Unrecognized servable version label: {unquote(found['label'])}")
    if found["version"] is None:
        return None
    if len(found["version"]) > 19 or int(found["version"]) > _LARGEST_VERSION:
        raise invalid(f"Failed to convert version: {found['version']} to numeric.")
    return int(found["version"])

"""TensorFlow Serving's REST API: route requests by method and path."""

import logging
import re
from urllib.parse import unquote

from local_model_server.json_responses import error_body
from local_model_server.servables import Servables
from local_model_server.status import Status, invalid

log = logging.getLogger(__name__)
_MODEL = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]{1,19}))?"
_PATHS = {
    "GET": re.compile(rf"{_MODEL}(?P<metadata>/metadata)?"),
    "POST": re.compile(rf"{_MODEL}:(?P<verb>classify|regress|predict)"),
}


class RestApi:
    """Answers requests with a status and a JSON body."""

    def __init__(self, servables: Servables) -> None:
        self._servables = servables

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request."""
        try:
            return 200, self._answer(method, target.partition("?")[0], body)
        except Status as error:
            return error.http, error_body(error.text)
        except RecursionError:  # from the parser or from any later step
            return 400, error_body("JSON Parse error: The document is nested too deeply.")
        except Exception as error:
            log.exception("a request failed in the model server")
            return 500, error_body(f"{type(error).__name__}: {error}")

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        match = _PATHS[method].fullmatch(path)
        if match is None:
            raise invalid(f"Malformed request: {method} {path}")
        name = unquote(match["name"])
        version = int(match["version"]) if match["version"] else None
        if method == "GET" and not match["metadata"]:
            return self._servables.status(name, version)
        servable = self._servables.find(name, version)
        if method == "GET":
            return servable.metadata()
        verb = match["verb"]
        return servable.predict(body) if verb == "predict" else servable.infer(verb, body)

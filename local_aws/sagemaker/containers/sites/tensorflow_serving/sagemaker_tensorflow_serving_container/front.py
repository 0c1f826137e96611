"""The front of a model without code: what nginx and its JavaScript do in the real container.

Started by `serve` as `python -m sagemaker_tensorflow_serving_container.front`.
"""

import gevent.monkey

gevent.monkey.patch_all()

import http.client  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
from collections.abc import Callable, Iterable  # noqa: E402
from http import HTTPStatus  # noqa: E402
from typing import Any  # noqa: E402

from sagemaker_tensorflow_serving_container import bodies  # noqa: E402
from sagemaker_tensorflow_serving_container.attributes import Target, read_target  # noqa: E402
from sagemaker_tensorflow_serving_container.gunicorn_server import Server, options  # noqa: E402
from sagemaker_tensorflow_serving_container.settings import (  # noqa: E402
    Settings,
    read_settings,
)
from sagemaker_tensorflow_serving_container.upstream import Upstream  # noqa: E402

_JSON = "application/json"
_JSON_TYPES = (_JSON, "application/jsonlines", "application/jsons")
_CSV = "text/csv"
_ATTRIBUTES = "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES"

Reply = tuple[int, bytes, str]


class Front:
    """Answers /ping and /invocations from the model server; nothing else is there."""

    def __init__(self, settings: Settings, default_model: str, upstream: Upstream) -> None:
        self._is_old, self._default_model = settings.is_old, default_model
        self._upstream = upstream

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        try:
            status, body, content_type = self._route(environ)
        except (OSError, http.client.HTTPException):  # nginx's own answer for a dead upstream
            page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n"
            status, body, content_type = 502, page.encode(), "text/html"
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    def _route(self, environ: dict[str, Any]) -> Reply:
        path = environ["PATH_INFO"]
        target = read_target(environ.get(_ATTRIBUTES))
        if path.startswith("/ping"):
            return self._ping(target)
        if path.startswith("/invocations"):
            return self._invoke(environ, target)
        return 404, b'{"error": "Not Found"}', _JSON

    def _ping(self, target: Target) -> Reply:
        path = target.path(self._default_model, with_method=False)
        status, body = self._upstream.ask("GET", path)
        return (200 if status == 200 and b'"AVAILABLE"' in body else 502), b"", _JSON

    def _invoke(self, environ: dict[str, Any], target: Target) -> Reply:
        given = environ.get("CONTENT_TYPE", "")
        kind = given if self._is_old else given.partition(";")[0].strip().lower()
        if kind not in (*_JSON_TYPES, _CSV):
            return self._error(415, f"Unsupported Media Type: {kind or 'Unknown'}")
        if not self._is_old:
            try:
                target.check()
            except ValueError as error:
                return self._error(400, str(error))
        text = environ["wsgi.input"].read().decode("utf-8", "surrogateescape")
        body = bodies.from_csv(text, self._is_old) if kind == _CSV else bodies.from_json(text)
        path = target.path(self._default_model)
        status, answer = self._upstream.ask("POST", path, body.encode("utf-8", "surrogateescape"))
        return self._shaped(status, answer, environ.get("HTTP_ACCEPT"))

    def _error(self, status: int, message: str) -> Reply:
        if self._is_old:  # put together from texts
            return status, f'{{"error": "{message}"}}'.encode(), _JSON
        return status, json.dumps({"error": message}, separators=(",", ":")).encode(), _JSON

    def _shaped(self, status: int, body: bytes, accept: str | None) -> Reply:
        """Put JSON on one line for who accepts it by name; others get it as it came."""
        accepted = [item.strip() for item in (accept or "").split(",")]
        if not {_JSON, "application/jsonlines"} & set(accepted):
            return status, body, _JSON
        return status, body.replace(b"\n", b""), accepted[0] if self._is_old else _JSON


def main() -> None:
    """Serve until the process is ended."""
    settings = read_settings()
    ports = [rest for _, rest in settings.ports()]
    front = Front(settings, os.environ["TFS_DEFAULT_MODEL_NAME"], Upstream(ports))
    Server(front, {**options(settings.port), "loglevel": "warning"}).run()


if __name__ == "__main__":
    main()

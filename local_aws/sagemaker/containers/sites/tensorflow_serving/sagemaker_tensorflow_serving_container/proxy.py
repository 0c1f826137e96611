"""The HTTP server of a model without code: nginx and its JavaScript in the real container.

`serve` starts it as `python -m sagemaker_tensorflow_serving_container.proxy`.
"""

import gevent.monkey

gevent.monkey.patch_all()

import itertools  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
from collections.abc import Callable, Iterable  # noqa: E402
from http import HTTPStatus  # noqa: E402
from typing import Any  # noqa: E402

import urllib3  # noqa: E402

from sagemaker_tensorflow_serving_container import bodies  # noqa: E402
from sagemaker_tensorflow_serving_container.context import Target, read_target  # noqa: E402
from sagemaker_tensorflow_serving_container.gunicorn_server import MAX_CONNECTIONS, Server  # noqa: E402
from sagemaker_tensorflow_serving_container.settings import Settings  # noqa: E402

_JSON = "application/json"
_JSON_TYPES = (_JSON, "application/jsonlines", "application/jsons")
_CSV = "text/csv"
_ATTRIBUTES = "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES"

Reply = tuple[int, bytes, str]


class Proxy:
    """Answers /ping and /invocations from the model server, and all other paths with 404."""

    def __init__(self, settings: Settings, default_model: str) -> None:
        self._is_old, self._default_model = settings.is_old, default_model
        pools = [
            urllib3.HTTPConnectionPool(
                "127.0.0.1", port, timeout=60.0, maxsize=MAX_CONNECTIONS, retries=False
            )
            for _, port in settings.ports()
        ]
        self._model_servers = itertools.cycle(pools)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        try:
            status, body, content_type = self._route(environ)
        except urllib3.exceptions.HTTPError:  # as nginx answers if the upstream is down
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
        response = next(self._model_servers).request("GET", path)
        is_available = response.status == 200 and b'"AVAILABLE"' in response.data
        return (200 if is_available else 502), b"", _JSON

    def _invoke(self, environ: dict[str, Any], target: Target) -> Reply:
        content_type = environ.get("CONTENT_TYPE", "")
        if not self._is_old:
            content_type = content_type.partition(";")[0].strip().lower()
        if content_type not in (*_JSON_TYPES, _CSV):
            return _error(415, f"Unsupported Media Type: {content_type or 'Unknown'}")
        if not self._is_old:
            try:
                target.check()
            except ValueError as error:
                return _error(400, str(error).partition(":")[0])
        text = environ["wsgi.input"].read().decode("utf-8", "surrogateescape")
        is_csv = content_type == _CSV
        text = bodies.from_csv(text, self._is_old) if is_csv else bodies.from_json(text)
        body = text.encode("utf-8", "surrogateescape")
        path = target.path(self._default_model)
        response = next(self._model_servers).request("POST", path, body=body)
        return self._format(response.status, response.data, environ.get("HTTP_ACCEPT"))

    def _format(self, status: int, body: bytes, accept: str | None) -> Reply:
        """Put JSON on one line if the Accept header names its type; otherwise keep it as it is."""
        accepted = [item.strip() for item in (accept or "").split(",")]
        if not {_JSON, "application/jsonlines"} & set(accepted):
            return status, body, _JSON
        return status, body.replace(b"\n", b""), accepted[0] if self._is_old else _JSON


def _error(status: int, message: str) -> Reply:
    return status, json.dumps({"error": message}, separators=(",", ":")).encode(), _JSON


def main() -> None:
    """Serve until the process is stopped."""
    settings = Settings()
    proxy = Proxy(settings, os.environ["TFS_DEFAULT_MODEL_NAME"])
    Server(proxy, settings.port, workers=1, loglevel="warning").run()


if __name__ == "__main__":
    main()

"""The HTTP server of a model with code: a falcon application that calls the model's handlers.

`serve` starts it as `python -m sagemaker_tensorflow_serving_container.python_service`.
"""

import gevent.monkey

gevent.monkey.patch_all()

import importlib.util  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any  # noqa: E402

import falcon  # noqa: E402
import requests  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402

from sagemaker_tensorflow_serving_container.context import Contexts  # noqa: E402
from sagemaker_tensorflow_serving_container.gunicorn_server import MAX_CONNECTIONS, Server  # noqa: E402
from sagemaker_tensorflow_serving_container.settings import Settings  # noqa: E402

log = logging.getLogger(__name__)
_TYPES = ("application/json", "application/jsonlines", "application/jsons", "text/csv")

Handler = Callable[[Any, Any], tuple[Any, str]]


class ModelClient:
    """A client of the container's model servers that keeps connections open."""

    def __init__(self, settings: Settings) -> None:
        self._is_old = settings.is_old
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))
        self._session.trust_env = False  # use no proxy for 127.0.0.1

    def post(self, data: Any, context: Any) -> requests.Response:
        """Return the response; the newer container raises HTTPError unless its status is 200."""
        timeout = None if self._is_old else context.timeout
        response = self._session.post(context.rest_uri, data=data, timeout=timeout)
        if response.status_code != 200 and not self._is_old:
            raise falcon.HTTPError(
                falcon.code_to_http_status(response.status_code),
                description=response.content.decode("utf-8", "replace"),
            )
        return response


class Invocations:
    """POST /invocations: call the handlers, or pass the body on if there is no script."""

    def __init__(self, settings: Settings, contexts: Contexts) -> None:
        self._is_old, self._contexts = settings.is_old, contexts
        self._server = ModelClient(settings)
        self._has_script = settings.script.exists()
        self._handler = self._load(settings.script) if self._has_script else self._forward

    def on_post(self, request: Any, response: Any) -> None:
        """Answer one request; an exception in a handler becomes a 500 with its message."""
        try:
            context = self._contexts.create(request)
        except ValueError as error:
            response.status = falcon.HTTP_400
            response.text = json.dumps({"error": str(error)})
            return
        try:
            media_type = (request.content_type or "").split(";")[0].strip().lower()
            # Handlers accept every type, and so does the older container without handlers.
            accepts_all = self._has_script or self._is_old
            if not accepts_all and media_type not in ("", *_TYPES):
                response.status = falcon.HTTP_415
                response.text = json.dumps({"error": f"Unsupported Media Type: {media_type}"})
                return
            response.text, response.content_type = self._handler(request.stream, context)
        except Exception as error:
            if isinstance(error, falcon.HTTPError) and not self._is_old:
                raise
            log.exception("exception handling request: %s", error)
            response.status = falcon.HTTP_500
            response.text = json.dumps({"error": str(error)})

    def _forward(self, data: Any, context: Any) -> tuple[Any, str]:
        response = self._server.post(data.read().decode("utf-8"), context)
        return response.content, context.accept_header

    def _load(self, script: Path) -> Handler:
        module = _import(script)
        handler: Handler | None = getattr(module, "handler", None)
        if handler is not None:
            return handler
        read, write = (getattr(module, f"{name}_handler", None) for name in ("input", "output"))
        if read is None or write is None:
            raise NotImplementedError("Handlers are not implemented correctly in user script.")

        def handle(data: Any, context: Any) -> tuple[Any, str]:
            reply = self._server.post(read(data, context), context)
            body: tuple[Any, str] = write(reply, context)
            return body

        return handle


class Ping:
    """GET /ping: 200, regardless of the model server."""

    def on_get(self, _: Any, response: Any) -> None:
        """Answer 200."""
        response.status = falcon.HTTP_200


def application(settings: Settings, default_model: str) -> falcon.App:
    """Import the model's handlers and return the falcon application."""
    app = falcon.App()
    app.add_route("/ping", Ping())
    app.add_route("/invocations", Invocations(settings, Contexts(settings, default_model)))
    app.add_sink(_not_found)  # nginx does this in the real container
    return app


def _not_found(_: Any, response: Any) -> None:
    response.status = falcon.HTTP_404
    response.text = '{"error": "Not Found"}'


def _import(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("inference", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Import the handlers once and serve with gunicorn's workers until the process is stopped."""
    logging.basicConfig(
        format="%(process)d %(asctime)s %(levelname)-8s %(message)s", level=logging.INFO
    )
    settings = Settings()
    for folder in (settings.lib_dir, settings.code_dir):
        sys.path.insert(0, str(folder))
    Server(
        application(settings, os.environ["TFS_DEFAULT_MODEL_NAME"]),
        settings.port,
        workers=int(os.environ.get("SAGEMAKER_GUNICORN_WORKERS", "1")),
        threads=int(os.environ.get("SAGEMAKER_GUNICORN_THREADS", "1")),
        loglevel=os.environ.get("SAGEMAKER_GUNICORN_LOGLEVEL", "info"),
        timeout=int(os.environ.get("SAGEMAKER_GUNICORN_TIMEOUT_SECONDS", "30")),
    ).run()


if __name__ == "__main__":
    main()

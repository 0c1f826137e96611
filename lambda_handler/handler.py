"""The entry point of the Lambda function: parse, load the model once, predict, respond.

    lambda_handler.handler.handler

It accepts events of an HTTP API (payload 2.0 and 1.0), direct invocations with `{"text": "..."}` or
`{"instances": ["...", ...]}`, and warm-up events. If MODEL_URI is set, importing this module loads
the model, so that the cold start includes it and the first request does not.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambda_handler.bodies import check_encoding
from lambda_handler.errors import HandlerError, MethodNotAllowed, ModelError, NotFound
from lambda_handler.events import DIRECT, WARM_UP, Request, read_event
from lambda_handler.log_line import frames_of, write_line
from lambda_handler.model_store import ModelStore
from lambda_handler.responses import error_body, predictions_body, public_error, respond
from lambda_handler.texts import check_texts, read_texts

_Line = dict[str, Any]


class Handler:
    """Handles events with one model."""

    def __init__(self, store: ModelStore, function: str) -> None:
        self._store = store
        self._function = function
        self._cold = True
        self._routes: dict[str, dict[str, Callable[[Request, _Line], Any]]] = {
            "/predict": {"POST": self._predict},
            "/health": {"GET": self._health},
            "/openapi.json": {"GET": self._document},
        }

    @property
    def routes(self) -> dict[str, list[str]]:
        """The paths, and the methods of each."""
        return {path: list(methods) for path, methods in self._routes.items()}

    def __call__(self, event: Any, context: Any) -> Any:
        """Return the response to an event and log it; errors become responses."""
        started = time.perf_counter()
        request = read_event(event)
        line: _Line = {
            "level": "INFO",
            "request_id": context.aws_request_id,
            "door": request.source,
        }
        status, failure = 200, None
        try:
            content = self._route(request, line)
        except Exception as error:
            failure, public = error, public_error(error)
            status, content = public.status, error_body(public, context.aws_request_id)
        self._describe(line, request, status, failure)
        line["duration_ms"] = round((time.perf_counter() - started) * 1000, 3)
        write_line(line)
        return respond(request, status, content, failure)

    def _route(self, request: Request, line: _Line) -> Any:
        if request.source == DIRECT:
            line["route"] = "direct"
            return self._classify(check_texts(request.payload), line)
        if request.source == WARM_UP:
            line["route"] = "warm-up"
            return self._health(request, line)
        for path in request.paths:
            if path in self._routes:
                methods = self._routes[path]
                if request.method not in methods:
                    allowed = tuple(methods)
                    raise MethodNotAllowed(f"{path} accepts {', '.join(allowed)} only", allowed)
                line["route"] = f"{request.method} {path}"
                return methods[request.method](request, line)
        raise NotFound(f"the route does not exist; expected one of {', '.join(self._routes)}")

    def _predict(self, request: Request, line: _Line) -> Any:
        check_encoding(request.content_encoding)
        return self._classify(read_texts(request.body_bytes(), request.content_type), line)

    def _classify(self, texts: list[str], line: _Line) -> Any:
        line["texts"] = len(texts)
        model = self._store.model()
        return predictions_body(model.label_names, model.predict_proba(texts))

    def _health(self, request: Request, line: _Line) -> Any:
        model = self._store.model()
        about = {
            "recipe": model.recipe,
            "sha256": self._store.sha256,
            "label_names": list(model.label_names),
        }
        return {"status": "ok", "model": about}

    def _document(self, request: Request, line: _Line) -> Any:
        import json

        return json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))

    def _describe(
        self, line: _Line, request: Request, status: int, failure: Exception | None
    ) -> None:
        """Add the outcome of the call to its log line."""
        model = self._store.loaded
        line |= {
            "status": status,
            "api_request_id": request.api_request_id,
            "function": self._function,
            "recipe": model.recipe if model else "none",
            "client_errors": int(400 <= status < 500),
            "faults": int(status >= 500),
            "cold_start": int(self._cold),
        }
        if self._cold and model:
            line |= {"model_ms": round(self._store.seconds * 1000, 3), "model": self._store.source}
        self._cold = False
        if failure is not None:
            line["level"] = "ERROR" if status >= 500 else "WARNING"
            line |= _log_fields(failure)


def _log_fields(failure: Exception) -> _Line:
    """Return the log fields of a failure, without messages that may quote the request."""
    if isinstance(failure, ModelError):
        return {"code": failure.code, "reason": str(failure)}
    if isinstance(failure, HandlerError):
        return {"code": failure.code}
    return {"code": HandlerError.code, "error": type(failure).__name__, "place": frames_of(failure)}


def _start() -> Handler:
    """Return the handler of this process, with its model if that is available."""
    store = ModelStore(os.environ)
    if os.environ.get("MODEL_URI"):
        try:
            store.model()
        except ModelError as error:
            # Otherwise Lambda restarts the process again and again. Responses have the reason.
            write_line({"level": "ERROR", "code": error.code, "reason": str(error)})
    return Handler(store, os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "none"))


handler = _start()

"""Handle the events of both functions: route, classify, respond, and log one line per call.

A subclass has the model: in the function's own memory, or behind a SageMaker endpoint.
"""

import json
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lambda_handler.errors import MethodNotAllowed, NotFound
from lambda_handler.events import (
    DIRECT,
    WARM_UP,
    Request,
    error_body,
    public_error,
    read_event,
    respond,
)
from lambda_handler.page.assembly import API, assemble
from lambda_handler.texts import Texts, check_encoding, check_texts, read_texts
from newsgroup_classifier.errors import RequestError, ServingError

Line = dict[str, Any]
_DOCUMENT = Path(__file__).with_name("openapi.json")
NAMESPACE = "newsgroup-classifier"
_DIMENSIONS = ["function", "recipe"]
_METRICS = {  # fields that are metrics, with their units
    "texts": "Count",
    "duration_ms": "Milliseconds",
    "model_ms": "Milliseconds",
    "endpoint_ms": "Milliseconds",
    "cold_start": "Count",
    "client_errors": "Count",
    "faults": "Count",
}


def has_page(environ: Mapping[str, str]) -> bool:
    """Return whether the API of a function also serves the page."""
    return environ.get("PAGE", "on") == "on"


class CallHandler(ABC):
    """Handles events with one model; `function` is the name that the log lines have.

    With `page`, the root of the API is a page on which people try the model.
    """

    def __init__(self, function: str, page: bool = True) -> None:
        self._function = function
        self._cold = True
        self._routes: dict[str, dict[str, Callable[[Request, Line], Any]]] = {
            "/predict": {"POST": self._predict},
            "/health": {"GET": self._health},
            "/openapi.json": {"GET": self._document},
        }
        if page:
            self._routes["/"] = {"GET": self._page}

    @abstractmethod
    def classify(self, request: Texts, line: Line) -> dict[str, Any]:
        """Return the body of the predictions of texts; raise ServingError with the reason."""

    @abstractmethod
    def describe(self, line: Line) -> dict[str, Any]:
        """Return the recipe, sha256 and label names of the model; raise ServingError."""

    @abstractmethod
    def model_fields(self, cold: bool) -> Line:
        """Return the recipe and other log fields of the model; `cold` in the first call."""

    @property
    def routes(self) -> dict[str, list[str]]:
        """The paths, and the methods of each."""
        return {path: list(methods) for path, methods in self._routes.items()}

    def __call__(self, event: Any, context: Any) -> Any:
        """Return the response to an event and log it; errors become responses."""
        started = time.perf_counter()
        request = read_event(event)
        line: Line = {"level": "INFO", "request_id": context.aws_request_id, "door": request.source}
        status, failure = 200, None
        try:
            response = respond(request, status, self._route(request, line))
        except Exception as error:
            failure, public = error, public_error(error)
            status, content = public.status, error_body(public, context.aws_request_id)
            response = respond(request, status, content, failure)
        self._log_outcome(line, request, status, failure)
        line["duration_ms"] = round((time.perf_counter() - started) * 1000, 3)
        write_line(line)
        return response

    def _route(self, request: Request, line: Line) -> Any:
        if request.source == DIRECT:
            line["route"] = "direct"
            return self._answer(check_texts(request.payload), line)
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

    def _predict(self, request: Request, line: Line) -> Any:
        check_encoding(request.content_encoding)
        return self._answer(read_texts(request.body_bytes(), request.content_type), line)

    def _answer(self, request: Texts, line: Line) -> Any:
        line["texts"] = len(request.texts)
        return self.classify(request, line)

    def _health(self, request: Request, line: Line) -> Any:
        return {"status": "ok", "model": self.describe(line)}

    def _document(self, request: Request, line: Line) -> Any:
        return json.loads(_DOCUMENT.read_text(encoding="utf-8"))

    def _page(self, request: Request, line: Line) -> Any:
        return assemble(API)

    def _log_outcome(
        self, line: Line, request: Request, status: int, failure: Exception | None
    ) -> None:
        line |= {
            "status": status,
            "api_request_id": request.api_request_id,
            "function": self._function,
            "client_errors": int(400 <= status < 500),
            "faults": int(status >= 500),
            "cold_start": int(self._cold),
        }
        line |= self.model_fields(self._cold)
        self._cold = False
        if failure is not None:
            line["level"] = "ERROR" if status >= 500 else "WARNING"
            line |= _log_fields(failure)


def _log_fields(failure: Exception) -> Line:
    """Return the log fields of a failure, without messages that may quote the request."""
    if isinstance(failure, RequestError):
        return {"code": failure.code}
    if isinstance(failure, ServingError):
        return {"code": failure.code, "reason": str(failure)}
    return {"code": ServingError.code, "error": type(failure).__name__, "place": frames_of(failure)}


def write_line(line: dict[str, Any]) -> None:
    """Write the line of a call, with the definitions of its metrics."""
    metrics = [{"Name": name, "Unit": unit} for name, unit in _METRICS.items() if name in line]
    if metrics:
        definition = {"Namespace": NAMESPACE, "Dimensions": [_DIMENSIONS], "Metrics": metrics}
        line["_aws"] = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def frames_of(error: BaseException) -> list[str]:
    """Return the stack frames of an error without its message, which may quote the client."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]

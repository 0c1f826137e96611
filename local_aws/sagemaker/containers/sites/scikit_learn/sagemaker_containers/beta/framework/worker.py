"""The Flask application of a serving container, its requests, and its responses."""

import os
from collections.abc import Callable
from typing import Any

import flask
from sagemaker_training import content_types


class Response(flask.Response):
    """A response whose content type defaults to JSON."""

    default_mimetype = content_types.JSON

    def __init__(  # noqa: PLR0913 - the real package's signature
        self,
        response: Any = None,
        accept: str | None = None,
        status: int = 200,
        headers: Any = None,
        mimetype: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        """Keep the real package's argument order; like the real package, ignore `accept`."""
        super().__init__(response, status, headers, mimetype, None, direct_passthrough)


class Request(flask.Request):
    """A request whose content type, Accept header, and body are read as the container does."""

    @property
    def content_type(self) -> str:  # type: ignore[override]
        """The header as sent, including parameters; JSON if it is absent."""
        headers = self.headers
        return headers.get("ContentType") or headers.get("Content-Type") or content_types.JSON

    @property
    def accept(self) -> str:
        """The header as sent, or the container's default if it is absent or */*."""
        accept = self.headers.get("Accept")
        if not accept or accept == content_types.ANY:
            default = content_types.JSON
            return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", default)
        return accept

    @property
    def content(self) -> str | bytes:
        """The body: text for exactly the JSON and CSV types, bytes for all other types."""
        if self.content_type in content_types.UTF8_TYPES:
            return self.get_data(as_text=True)
        return self.get_data()


class Worker(flask.Flask):
    """Routes /ping and /invocations, and /execution-parameters if the user defines it."""

    request_class = Request

    def __init__(
        self,
        transform_fn: Callable[[], Any],
        initialize_fn: Callable[[], Any] | None = None,
        module_name: str | None = None,
        healthcheck_fn: Callable[[], Any] | None = None,
        execution_parameters_fn: Callable[[], Any] | None = None,
    ) -> None:
        """Add the routes; `initialize_fn` is called at once instead of before the first request."""
        super().__init__(module_name or os.environ["SAGEMAKER_PROGRAM"].removesuffix(".py"))
        if initialize_fn is not None:
            initialize_fn()
        self.add_url_rule("/invocations", "invocations", transform_fn, methods=["POST"])
        self.add_url_rule("/ping", "ping", healthcheck_fn or default_healthcheck_fn)
        if execution_parameters_fn is not None:
            self.add_url_rule(
                "/execution-parameters", "execution-parameters", execution_parameters_fn
            )


def default_healthcheck_fn() -> Response:
    """Return 200 without a body."""
    return Response(status=200)

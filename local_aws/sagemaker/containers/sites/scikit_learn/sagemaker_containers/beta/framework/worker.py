"""The Flask application of a serving container, its request and its response."""

import os
from collections.abc import Callable
from typing import Any

import flask

from sagemaker_containers.beta.framework import content_types


class Response(flask.Response):
    """A response that is JSON unless told otherwise."""

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
        """Keep the real package's argument order; `accept` is ignored there too."""
        super().__init__(response, status, headers, mimetype, None, direct_passthrough)


class Request(flask.Request):
    """A request with the container's reading of content type, accept and body."""

    @property
    def content_type(self) -> str:  # type: ignore[override]
        """The header as sent, parameters included; JSON if there is none."""
        headers = self.headers
        return headers.get("ContentType") or headers.get("Content-Type") or content_types.JSON

    @property
    def accept(self) -> str:
        """The header as sent; the container's default if it is absent or */*."""
        accept = self.headers.get("Accept")
        if not accept or accept == content_types.ANY:
            default = content_types.JSON
            return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", default)
        return accept

    @property
    def content(self) -> str | bytes:
        """The body: text for exactly the JSON and CSV types, bytes for all others."""
        if self.content_type in content_types.UTF8_TYPES:
            return self.get_data(as_text=True)
        return self.get_data()


class Worker(flask.Flask):
    """Routes /ping and /invocations, and /execution-parameters if the user wrote the function."""

    request_class = Request

    def __init__(
        self,
        transform_fn: Callable[[], Any],
        module_name: str,
        execution_parameters_fn: Callable[[], Any] | None = None,
    ) -> None:
        super().__init__(module_name)
        self.add_url_rule("/invocations", "invocations", transform_fn, methods=["POST"])
        self.add_url_rule("/ping", "ping", lambda: Response(status=200))
        if execution_parameters_fn is not None:
            self.add_url_rule(
                "/execution-parameters", "execution-parameters", execution_parameters_fn
            )

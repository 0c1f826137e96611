"""The context that handlers receive in addition to the request body."""

import random
from collections import namedtuple
from typing import Any, NoReturn

from sagemaker_tensorflow_serving_container.attributes import HEADER, read_target
from sagemaker_tensorflow_serving_container.settings import Settings

_JSON = "application/json"
_FIELDS = (
    "model_name",
    "model_version",
    "method",
    "rest_uri",
    "grpc_port",
    "channel",
    "custom_attributes",
    "request_content_type",
    "accept_header",
    "content_length",
)
_make_type: Any = namedtuple  # untyped, because type checkers require literal field names
OldContext = _make_type("OldContext", _FIELDS)
Context = _make_type("Context", (*_FIELDS, "timeout"))


class NoChannel:
    """A placeholder for the gRPC channel that raises an error when it is used."""

    def __getattr__(self, name: str) -> NoReturn:
        """Raise NotImplementedError with the alternative."""
        if name.startswith("__"):  # copy and pickle look for such attributes
            raise AttributeError(name)
        raise NotImplementedError(
            "the local AWS's model server has no gRPC: post to context.rest_uri instead of using "
            f"context.channel.{name}"
        )


class Contexts:
    """Creates the context of each request."""

    def __init__(self, settings: Settings, default_model: str) -> None:
        self._settings, self._default_model = settings, default_model
        self._ports = settings.ports()
        self._channel = NoChannel()

    def create(self, request: Any) -> Any:
        """Return the context of a request; raise ValueError for invalid attributes."""
        grpc_port, rest_port = random.choice(self._ports)  # noqa: S311 - as the container does
        attributes = request.get_header(HEADER)
        target = read_target(attributes, with_signs=not self._settings.is_old)
        if not self._settings.is_old:
            target.check()
        fields = (
            target.model,
            target.version,
            target.method,
            f"http://localhost:{rest_port}{target.path(self._default_model)}",
            str(grpc_port),
            self._channel,
            attributes,
            request.get_header("Content-Type") or _JSON,
            request.get_header("Accept") or _JSON,
            request.content_length,
        )
        if self._settings.is_old:
            return OldContext(*fields)
        return Context(*fields, self._settings.wait_seconds)

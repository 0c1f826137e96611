"""The context that handlers get beside the request's body."""

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
_tuple_of: Any = namedtuple  # whose fields a type checker would want spelt out
OldContext = _tuple_of("OldContext", _FIELDS)
Context = _tuple_of("Context", (*_FIELDS, "timeout"))


class NoChannel:
    """In the place of a gRPC channel: says that the stand-in has none, when it is used."""

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse every use."""
        if name.startswith("__"):  # what copy and pickle look for
            raise AttributeError(name)
        raise NotImplementedError(
            "the local AWS's model server has no gRPC: post to context.rest_uri instead of using "
            f"context.channel.{name}"
        )


class Contexts:
    """Makes the context of each request."""

    def __init__(self, settings: Settings, default_model: str) -> None:
        self._settings, self._default_model = settings, default_model
        self._ports = settings.ports()
        self._channel = NoChannel()

    def of(self, request: Any) -> Any:
        """Return a request's context; raise ValueError for attributes that are refused."""
        grpc_port, rest_port = random.choice(self._ports)  # noqa: S311 - as the container picks
        attributes = request.get_header(HEADER)
        target = read_target(attributes)
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

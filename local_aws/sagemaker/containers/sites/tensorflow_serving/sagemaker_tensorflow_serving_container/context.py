"""The custom attributes of a request, and the context that handlers get in addition to its body."""

import random
import re
from collections import namedtuple
from dataclasses import dataclass
from typing import Any, NoReturn

from sagemaker_tensorflow_serving_container.settings import Settings

HEADER = "X-Amzn-SageMaker-Custom-Attributes"
_PAIR = re.compile(r"tfs-[a-z\-]+=[^,]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_METHODS = ("predict", "classify", "regress")
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


@dataclass(frozen=True)
class Target:
    """The choices in the attributes; None for a missing one."""

    model: str | None = None
    version: str | None = None
    method: str | None = None

    def path(self, default_model: str, with_method: bool = True) -> str:
        """Return the path of the request in the model server's REST API."""
        path = f"/v1/models/{self.model or default_model}"
        if self.version:
            path += f"/versions/{self.version}"
        return f"{path}:{self.method or 'predict'}" if with_method else path

    def check(self) -> None:
        """Raise ValueError for attributes that the newer container rejects."""
        if self.model is not None and not _NAME.fullmatch(self.model):
            raise ValueError("invalid tfs-model-name")
        if self.version is not None and not re.fullmatch("[0-9]+", self.version):
            raise ValueError("invalid tfs-model-version: must be a positive integer")
        if self.method is not None and self.method not in _METHODS:
            raise ValueError(f"invalid tfs-method: must be one of {'|'.join(_METHODS)}")


def read_target(header: str | None, with_signs: bool = False) -> Target:
    """Read the model server's attributes; the others are for the user's handlers.

    Attributes whose values contain an equals sign are skipped unless `with_signs` is set.
    """
    pairs = [item.split("=", 1 if with_signs else -1) for item in _PAIR.findall(header or "")]
    values = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    return Target(*map(values.get, ("tfs-model-name", "tfs-model-version", "tfs-method")))


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

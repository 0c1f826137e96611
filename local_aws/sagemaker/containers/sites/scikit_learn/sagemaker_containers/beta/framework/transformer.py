"""Call the user's functions in order; every error that they raise becomes a ClientError."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import flask

from sagemaker_containers.beta.framework.errors import ClientError
from sagemaker_containers.beta.framework.worker import Response


class Transformer:
    """Holds the model and the functions of one worker."""

    def __init__(self, model_fn: Callable[..., Any], transform_fn: Callable[..., Any]) -> None:
        self._model_fn = wrap_errors(model_fn)
        self._transform_fn = transform_fn
        self._model: Any = None

    def initialize(self, model_dir: str) -> None:
        """Load the model; called once per worker, on its first request."""
        self._model = self._model_fn(model_dir)

    def transform(self) -> Any:
        """Answer the current Flask request; a (body, content type) tuple becomes a response."""
        request: Any = flask.request
        result = self._transform_fn(
            self._model, request.content, request.content_type, request.accept
        )
        if isinstance(result, tuple):
            return Response(response=result[0], mimetype=result[1])
        return result


def wrap_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn every error of a user's function into a ClientError, as the real transformer does.

    UnsupportedFormatError is wrapped too, so the transformer never responds with 415 or 406.
    """

    @wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            raise ClientError(str(error)) from error

    return call

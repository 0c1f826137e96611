"""Call the user's functions in order; every error that they raise becomes a ClientError."""

import json
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

import flask
from sagemaker_training import content_types
from sagemaker_training.errors import ClientError, UnsupportedFormatError

from sagemaker_containers.beta.framework import encoders
from sagemaker_containers.beta.framework.worker import Response

_Function = Callable[..., Any]


def default_model_fn(model_dir: str) -> Any:
    """Raise NotImplementedError: a model has no default."""
    raise NotImplementedError("Please provide a model_fn implementation.")


def default_input_fn(input_data: Any, content_type: str) -> Any:
    """Return the array in a body."""
    return encoders.decode(input_data, content_type)


def default_predict_fn(data: Any, model: Any) -> Any:
    """Raise NotImplementedError: a prediction has no default."""
    raise NotImplementedError("Please provide a predict_fn implementation.")


def default_output_fn(prediction: Any, accept: str) -> Response:
    """Return the response for an array."""
    return Response(encoders.encode(prediction, accept), mimetype=accept)


class Transformer:
    """Holds the model and the functions of one worker."""

    def __init__(  # noqa: PLR0913 - the real package's signature
        self,
        model_fn: _Function | None = None,
        input_fn: _Function | None = None,
        predict_fn: _Function | None = None,
        output_fn: _Function | None = None,
        transform_fn: _Function | None = None,
        error_class: type[Exception] = ClientError,
    ) -> None:
        """Wrap the given functions; the defaults of this module are not wrapped."""
        if transform_fn is not None and (input_fn or predict_fn or output_fn):
            raise ValueError(
                "Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn"
            )

        def wrap(function: _Function | None, default: _Function) -> _Function:
            return default if function is None else _with_error(function, error_class)

        self._model_fn = wrap(model_fn, default_model_fn)
        self._input_fn = wrap(input_fn, default_input_fn)
        self._predict_fn = wrap(predict_fn, default_predict_fn)
        self._output_fn = wrap(output_fn, default_output_fn)
        self._transform_fn = wrap(transform_fn, self._default_transform_fn)
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

    def _default_transform_fn(
        self, model: Any, content: Any, content_type: str, accept: str
    ) -> Any:
        """Call the three functions; only a default one can answer with 415 or 406."""
        try:
            data = self._input_fn(content, content_type)
        except UnsupportedFormatError as error:
            return _refusal(error, 415)
        prediction = self._predict_fn(data, model)
        try:
            return self._output_fn(prediction, accept)
        except UnsupportedFormatError as error:
            return _refusal(error, 406)


def _refusal(error: UnsupportedFormatError, status: int) -> Response:
    content = {
        "error": type(error).__name__,
        "error-message": str(error),
        "stack-trace": traceback.format_exc(),
    }
    return Response(json.dumps(content), status=status, mimetype=content_types.JSON)


def _with_error(function: _Function, error_class: type[Exception]) -> _Function:
    """Turn every error of a function into another class, as the real transformer does.

    UnsupportedFormatError is wrapped too, so a user's functions never lead to 415 or 406.
    """

    @wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            raise error_class(str(error)) from error

    return call

"""The two functions that the TensorFlow container calls before and after TensorFlow Serving.

Requests from encode_texts pass through unchanged in both directions, but for the line of those that
ask for explanations, which passes by TensorFlow Serving. All others come from clients:
they are parsed, and the response of TensorFlow Serving is returned with its labels.
"""

import threading
from contextlib import suppress
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol

from inference_pipeline.content_types import (
    IMAGE_TYPES,
    JSON,
    MODEL_INPUTS,
    PROBABILITIES,
    REQUEST_TYPES,
    response_type,
)
from inference_pipeline.explained import remove_words, split_line
from inference_pipeline.images import read_images
from inference_pipeline.responses import Rejection, check_count, write_predictions
from inference_pipeline.stages import reject
from inference_pipeline.tensorflow_bodies import BY_TEXTS, explained_labels, write_instances
from inference_pipeline.texts import read_explainable
from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import ArtifactError


class Context(Protocol):
    """The part of the container's context that the handlers use."""

    request_content_type: str
    accept_header: str


class Response(Protocol):
    """The part of TensorFlow Serving's response that the handlers use."""

    status_code: int
    content: bytes


class _Explained(threading.local):
    """The line of a request for explanations, whose two handlers are called in one thread."""

    line = b""


class Handlers:
    """The handlers of one artifact."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._explained = _Explained()

    def input_handler(self, data: IO[bytes], context: Context) -> bytes:
        """Return the request for TensorFlow Serving; raise the exception for a refused request."""
        self._explained.line, body = b"", data.read()
        if context.request_content_type == MODEL_INPUTS:
            self._explained.line, body = split_line(body)
            return body
        try:
            response_type(context.accept_header)  # refuse before the model runs
            if self._reads_texts:
                request = read_explainable(body, context.request_content_type)
                check_count(len(request.texts), self._manifest.label_names)
                self._explained.line, texts = remove_words(request.texts, request.options)
                return write_instances(texts, BY_TEXTS)
            return read_images(body, context.request_content_type)
        except Exception as error:
            raise self._refusal(reject(error)) from None

    def output_handler(self, response: Response, context: Context) -> tuple[bytes | str, str]:
        """Return the body and content type of the response, in the type that the client accepts."""
        if response.status_code != 200:  # the 2.20 image answers these itself, older ones do not
            raise self._refusal(_serving_error(response))
        if context.request_content_type == MODEL_INPUTS:
            return self._explained.line + response.content, PROBABILITIES
        try:
            line, labels = self._explained.line, self._manifest.label_names
            predictions = explained_labels(line, response.content, labels)
            content_type = response_type(context.accept_header)
            return write_predictions(predictions, content_type), content_type
        except Exception as error:
            raise self._refusal(reject(error)) from None

    @cached_property
    def _manifest(self) -> artifacts.Manifest:
        return artifacts.load_manifest(self._folder)

    @property
    def _reads_texts(self) -> bool:
        return artifacts.VOCABULARY in self._manifest.files

    def _refusal(self, rejection: Rejection) -> Exception:
        accepted: tuple[str, ...] = ()
        with suppress(ArtifactError):  # a bad manifest is the fault itself, and accepts nothing
            accepted = REQUEST_TYPES if self._reads_texts else IMAGE_TYPES
        return _exception(rejection, accepted)


def _serving_error(response: Response) -> Rejection:
    """Return the rejection for an error response of TensorFlow Serving."""
    text = response.content.decode("utf-8", "replace")
    if 400 <= response.status_code < 500:
        message = f"TensorFlow Serving refused the request ({response.status_code}): {text}"
        return Rejection(response.status_code, "InvalidInput", message)
    message = f"TensorFlow Serving is not available ({response.status_code}); try again later"
    return Rejection(response.status_code, "ModelUnavailable", message)


def _exception(rejection: Rejection, accepted: tuple[str, ...]) -> Exception:
    """Return the exception to raise; its message is the response body, for images up to 2.19.

    The container lets a falcon.HTTPError pass and turns every other exception into a 500 with its
    message (images up to 2.19 do so with all exceptions). For an HTTPError falcon writes its own
    body, which is empty if the client accepts CSV or JSON lines. But an error handler of falcon may
    raise a falcon.HTTPStatus, whose body is always sent. Our exception does that when falcon's
    handler reads its headers.
    """
    # Only the image has falcon. Imported here so that the handlers load without it.
    import falcon

    status = f"{rejection.status} {HTTPStatus(rejection.status).phrase}"
    body = rejection.body(accepted)

    class Refusal(falcon.HTTPError):
        """A refused request, whose response has our body."""

        def __str__(self) -> str:
            return body

        @property
        def headers(self) -> NoReturn:
            raise falcon.HTTPStatus(status, headers={"Content-Type": JSON}, text=body)

        @headers.setter
        def headers(self, _: Any) -> None:
            """Ignore the None that the constructor of HTTPError sets."""

    return Refusal(status)

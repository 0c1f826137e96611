"""Turn a rejection into the one exception whose status and body the TensorFlow container returns.

The container lets a falcon.HTTPError pass and turns every other exception into a 500 with its
message (images up to 2.19 do so with all exceptions). For an HTTPError falcon writes its own body,
which is empty if the client accepts CSV or JSON lines. But an error handler of falcon may raise a
falcon.HTTPStatus, whose body is always sent. Our exception does that when falcon's handler reads
its headers.
"""

from http import HTTPStatus
from typing import Any, NoReturn

from inference_pipeline.content_types import JSON
from inference_pipeline.responses import Rejection


def refusal(rejection: Rejection, accepted: tuple[str, ...]) -> Exception:
    """Return the exception to raise; its message is the response body, for images up to 2.19."""
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

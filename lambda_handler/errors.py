"""The errors of the handler, with the status and code of their responses.

ServingError
├── ModelError                  503 ModelUnavailable: there is no model; the next call tries again
├── EndpointTimeout             504: the endpoint with the model took too long
├── Throttled                   429 TooManyRequests: the endpoint with the model takes no more
└── RequestError                400 InvalidInput: the client can fix the request
    ├── NotFound                404
    ├── MethodNotAllowed        405
    ├── PayloadTooLarge         413
    └── UnsupportedMediaType    415

Those that are not here are in newsgroup_classifier/errors.py. Every other error is our own fault:
500 InternalError, and its place goes to the log.
"""

from newsgroup_classifier.errors import RequestError, ServingError


class ModelError(ServingError, code="ModelUnavailable", status=503):
    """The model is missing or invalid."""


class EndpointTimeout(ServingError, code="EndpointTimeout", status=504):
    """The endpoint did not respond in time."""


class Throttled(ServingError, code="TooManyRequests", status=429):
    """The endpoint takes no more requests at the moment."""


class NotFound(RequestError, code="NotFound", status=404):
    """The route does not exist."""


class MethodNotAllowed(RequestError, code="MethodNotAllowed", status=405):
    """The route does not accept the method."""

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed

"""The errors of the handler, with the status and code of their responses.

HandlerError
├── ModelError                  503 ModelUnavailable: there is no model; the next call tries again
├── EndpointTimeout             504: the endpoint with the model took too long
├── Throttled                   429 TooManyRequests: the endpoint with the model takes no more
└── RequestError                the client can fix the request
    ├── InvalidInput            400
    ├── NotFound                404
    ├── MethodNotAllowed        405
    ├── PayloadTooLarge         413
    └── UnsupportedMediaType    415

Every other error is our own fault: 500 InternalError, and its place goes to the log.
"""


class HandlerError(Exception):
    """An error whose message the client may see, and the log too unless it is a RequestError."""

    code = "InternalError"
    status = 500

    def __init_subclass__(cls, code: str = "", status: int = 0) -> None:
        """Give a subclass its own code and status, or else those of its parent."""
        cls.code, cls.status = code or cls.code, status or cls.status


class ModelError(HandlerError, code="ModelUnavailable", status=503):
    """The model is missing or invalid."""


class EndpointTimeout(HandlerError, code="EndpointTimeout", status=504):
    """The endpoint did not respond in time."""


class Throttled(HandlerError, code="TooManyRequests", status=429):
    """The endpoint takes no more requests at the moment."""


class RequestError(HandlerError, code="InvalidInput", status=400):
    """The request is invalid."""


class InvalidInput(RequestError):
    """The body is empty or malformed."""


class NotFound(RequestError, code="NotFound", status=404):
    """The route does not exist."""


class MethodNotAllowed(RequestError, code="MethodNotAllowed", status=405):
    """The route does not accept the method."""

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class PayloadTooLarge(RequestError, code="PayloadTooLarge", status=413):
    """The body exceeds the size limit."""


class UnsupportedMediaType(RequestError, code="UnsupportedMediaType", status=415):
    """The content type of the body is not supported."""

"""What can go wrong in the handler, and what a client is told of it.

HandlerError
├── ModelError                  503 ModelUnavailable: no model is there; the next call tries again
└── RequestError                the client can mend it
    ├── InvalidInput            400
    ├── NotFound                404
    ├── MethodNotAllowed        405
    ├── PayloadTooLarge         413
    └── UnsupportedMediaType    415

Every other error is a fault of ours: 500 InternalError, and its place in the log.
"""


class HandlerError(Exception):
    """A reason that may be told to the client."""

    code = "InternalError"
    status = 500


class ModelError(HandlerError):
    """The model is not there or not what was expected."""

    code = "ModelUnavailable"
    status = 503


class RequestError(HandlerError):
    """The request cannot be answered as it is."""

    code = "InvalidInput"
    status = 400


class InvalidInput(RequestError):
    """The body is empty, broken or misshapen."""


class NotFound(RequestError):
    """There is no such route."""

    code = "NotFound"
    status = 404


class MethodNotAllowed(RequestError):
    """The route takes other methods."""

    code = "MethodNotAllowed"
    status = 405

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class PayloadTooLarge(RequestError):
    """The body is longer than what one call may bring."""

    code = "PayloadTooLarge"
    status = 413


class UnsupportedMediaType(RequestError):
    """The body is of a content type that is not read."""

    code = "UnsupportedMediaType"
    status = 415

"""The errors of the handler, with the status and code of their responses.

HandlerError
├── ModelError                  503 ModelUnavailable: there is no model; the next call tries again
└── RequestError                the client can fix the request
    ├── InvalidInput            400
    ├── NotFound                404
    ├── MethodNotAllowed        405
    ├── PayloadTooLarge         413
    └── UnsupportedMediaType    415

Every other error is our own fault: 500 InternalError, and its place goes to the log.
"""


class HandlerError(Exception):
    """An error whose message the client may see."""

    code = "InternalError"
    status = 500


class ModelError(HandlerError):
    """The model is missing or invalid."""

    code = "ModelUnavailable"
    status = 503


class RequestError(HandlerError):
    """The request is invalid."""

    code = "InvalidInput"
    status = 400


class InvalidInput(RequestError):
    """The body is empty or malformed."""


class NotFound(RequestError):
    """The route does not exist."""

    code = "NotFound"
    status = 404


class MethodNotAllowed(RequestError):
    """The route does not accept the method."""

    code = "MethodNotAllowed"
    status = 405

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class PayloadTooLarge(RequestError):
    """The body exceeds the size limit."""

    code = "PayloadTooLarge"
    status = 413


class UnsupportedMediaType(RequestError):
    """The content type of the body is not supported."""

    code = "UnsupportedMediaType"
    status = 415

"""Errors of HTTP APIs."""

from local_aws.errors import ServiceError


class BadRequest(ServiceError, code="BadRequestException", status=400):
    """The request to the control plane is invalid."""


class NotFound(ServiceError, code="NotFoundException", status=404):
    """The API, route, integration, or stage does not exist."""


class Conflict(ServiceError, code="ConflictException", status=409):
    """The name or the resource is in use."""


class Refusal(Exception):
    """The response of an API without its function.

    The reason is for the access log, and the challenge for the header www-authenticate.
    """

    def __init__(self, status: int, message: str, reason: str = "", challenge: str = "") -> None:
        super().__init__(reason or message)
        self.status, self.message, self.reason = status, message, reason
        self.challenge = challenge


class Denied(Refusal):
    """The response to a caller that may not call a route; clients do not learn IAM's reason."""


def not_json(error: Exception) -> BadRequest:
    """Return the error for a body that is not JSON."""
    return BadRequest(f"Unable to parse the body of the request: {error}")


def function_failed(reason: str) -> Refusal:
    """Return the response for a function that failed or may not be invoked."""
    return Refusal(500, "Internal Server Error", reason)


def unavailable(reason: str) -> Refusal:
    """Return the response for a function that is throttled or timed out."""
    return Refusal(503, "Service Unavailable", reason)

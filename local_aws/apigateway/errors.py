"""Errors of HTTP APIs.

ServiceError
├── BadRequest   400 BadRequestException   the control plane cannot do what is asked
├── NotFound     404 NotFoundException     there is no such API, route, integration or stage
└── Conflict     409 ConflictException     the name is taken, or the thing is in use

Refusal is what the API itself answers a caller: a status and a message, and nothing more.
"""

from local_aws.errors import ServiceError


class BadRequest(ServiceError):
    """The control plane cannot do what is asked."""

    code = "BadRequestException"
    status = 400


class NotFound(ServiceError):
    """There is no such API, route, integration or stage."""

    code = "NotFoundException"
    status = 404


class Conflict(ServiceError):
    """The name is taken, or the thing is in use."""

    code = "ConflictException"
    status = 409


class Refusal(Exception):
    """What an API answers without its function, and why, for the access log."""

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(reason or message)
        self.status, self.message, self.reason = status, message, reason


def not_found() -> Refusal:
    """Return the answer where no route is."""
    return Refusal(404, "Not Found")


def function_failed(reason: str) -> Refusal:
    """Return the answer for a function that failed, or that may not be invoked."""
    return Refusal(500, "Internal Server Error", reason)


def unavailable(reason: str) -> Refusal:
    """Return the answer while a function cannot answer."""
    return Refusal(503, "Service Unavailable", reason)

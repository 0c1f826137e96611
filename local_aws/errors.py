"""Errors that the services have in common, with the codes that AWS uses."""

import logging
from typing import Any

log = logging.getLogger(__name__)


class ServiceError(Exception):
    """An error with the code and the HTTP status that AWS answers with.

    A subclass names its own as class arguments, or inherits them.
    """

    code = "InternalFailure"
    status = 500

    def __init_subclass__(cls, code: str | None = None, status: int | None = None) -> None:
        """Give the subclass its own code and status."""
        cls.code, cls.status = code or cls.code, status or cls.status

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class ValidationError(ServiceError, code="ValidationException", status=400):
    """The request breaks a rule, or names something that does not exist."""


class AccessDenied(ServiceError, code="AccessDeniedException", status=403):
    """The caller's policies do not allow it."""


class MissingToken(ServiceError, code="MissingAuthenticationTokenException", status=403):
    """The request is not signed."""

    def __init__(self) -> None:
        super().__init__("Missing Authentication Token")


class UnknownOperation(ServiceError, code="UnknownOperationException", status=404):
    """The path and method do not name an operation."""


def not_reproduced(feature: str) -> ValidationError:
    """Return the error for a feature that AWS has and the local AWS does not."""
    return ValidationError(f"The local AWS does not reproduce {feature}.")


def as_service_error(error: Exception, subject: str, request_id: str) -> ServiceError:
    """Return the error for the client; log one that is not a service's as a failure of ours."""
    if isinstance(error, ServiceError):
        return error
    log.error("%s failed (request %s)", subject, request_id, exc_info=error)
    return ServiceError(f"{subject} failed inside the local AWS; see its log.")

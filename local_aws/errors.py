"""Errors that the local AWS answers with, with the codes that AWS uses.

ServiceError
├── ValidationError          400 ValidationException   the request or a name in it is wrong
├── ResourceNotFound         400 ResourceNotFound
├── ResourceInUse            400 ResourceInUse         the name is taken
├── ResourceLimitExceeded    400 ResourceLimitExceeded more than a quota allows
├── InvocationValidation     400 ValidationError       a bad request, as the runtime spells it
├── AccessDenied             403 AccessDeniedException  the caller's policies do not allow it
├── UnknownOperation         404 UnknownOperationException
├── ModelError               424 ModelError            a container answered with an error
└── LambdaError                                        Lambda's own codes
    ├── InvalidParameterValue   400 InvalidParameterValueException
    ├── InvalidRequestContent   400 InvalidRequestContentException   the payload is not JSON
    ├── FunctionNotFound        404 ResourceNotFoundException
    ├── ResourceConflict        409 ResourceConflictException
    ├── PreconditionFailed      412 PreconditionFailedException      a different RevisionId
    ├── RequestTooLarge         413 RequestTooLargeException
    └── TooManyRequests         429 TooManyRequestsException

JobFailure is not a response: it ends a job or an endpoint, and its text is the FailureReason.
"""

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


class ResourceNotFound(ServiceError, code="ResourceNotFound", status=400):
    """A named job or resource does not exist."""


class ResourceInUse(ServiceError, code="ResourceInUse", status=400):
    """The name is taken."""


class ResourceLimitExceeded(ServiceError, code="ResourceLimitExceeded", status=400):
    """The request asks for more than a quota allows."""


class InvocationValidation(ServiceError, code="ValidationError", status=400):
    """An invocation that cannot be passed to a container."""


class AccessDenied(ServiceError, code="AccessDeniedException", status=403):
    """The caller's policies do not allow it."""


class UnknownOperation(ServiceError, code="UnknownOperationException", status=404):
    """The path and method do not name an operation."""


class ModelError(ServiceError, code="ModelError", status=424):
    """A container of an endpoint answered with an error or too late."""


class LambdaError(ServiceError):
    """An error of Lambda."""


class InvalidParameterValue(LambdaError, code="InvalidParameterValueException", status=400):
    """A parameter has a value that Lambda does not accept."""


class InvalidRequestContent(LambdaError, code="InvalidRequestContentException", status=400):
    """The payload of an invocation is not JSON."""


class FunctionNotFound(LambdaError, code="ResourceNotFoundException", status=404):
    """No function, version, alias, or statement has that name."""


class ResourceConflict(LambdaError, code="ResourceConflictException", status=409):
    """The name is taken, or the function's state does not allow this."""


class PreconditionFailed(LambdaError, code="PreconditionFailedException", status=412):
    """The function has changed since the caller last saw it."""


class RequestTooLarge(LambdaError, code="RequestTooLargeException", status=413):
    """The payload is larger than an invocation accepts."""


class TooManyRequests(LambdaError, code="TooManyRequestsException", status=429):
    """The function or the account has too many concurrent calls."""


class JobFailure(Exception):
    """Ends a job or an endpoint; the text becomes its FailureReason."""


def not_reproduced(feature: str) -> ValidationError:
    """Return the error for a feature that AWS has and the local AWS does not."""
    return ValidationError(f"The local AWS does not reproduce {feature}.")


def as_service_error(error: Exception, subject: str, request_id: str) -> ServiceError:
    """Return the error for the client; log one that is not a service's as a failure of ours."""
    if isinstance(error, ServiceError):
        return error
    log.error("%s failed (request %s)", subject, request_id, exc_info=error)
    return ServiceError(f"{subject} failed inside the local AWS; see its log.")

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
    """An error with the code and the HTTP status that AWS answers with."""

    code = "InternalFailure"
    status = 500

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class ValidationError(ServiceError):
    """The request breaks a rule, or names something that does not exist."""

    code = "ValidationException"
    status = 400


class ResourceNotFound(ServiceError):
    """A named job or resource does not exist."""

    code = "ResourceNotFound"
    status = 400


class ResourceInUse(ServiceError):
    """The name is taken."""

    code = "ResourceInUse"
    status = 400


class ResourceLimitExceeded(ServiceError):
    """The request asks for more than a quota allows."""

    code = "ResourceLimitExceeded"
    status = 400


class InvocationValidation(ServiceError):
    """An invocation that cannot be passed to a container."""

    code = "ValidationError"
    status = 400


class AccessDenied(ServiceError):
    """The caller's policies do not allow it."""

    code = "AccessDeniedException"
    status = 403


class UnknownOperation(ServiceError):
    """The path and method do not name an operation."""

    code = "UnknownOperationException"
    status = 404


class ModelError(ServiceError):
    """A container of an endpoint answered with an error or too late."""

    code = "ModelError"
    status = 424


class LambdaError(ServiceError):
    """An error of Lambda."""


class InvalidParameterValue(LambdaError):
    """A parameter has a value that Lambda does not accept."""

    code = "InvalidParameterValueException"
    status = 400


class InvalidRequestContent(LambdaError):
    """The payload of an invocation is not JSON."""

    code = "InvalidRequestContentException"
    status = 400


class FunctionNotFound(LambdaError):
    """No function, version, alias, or statement has that name."""

    code = "ResourceNotFoundException"
    status = 404


class ResourceConflict(LambdaError):
    """The name is taken, or the function's state does not allow this."""

    code = "ResourceConflictException"
    status = 409


class PreconditionFailed(LambdaError):
    """The function has changed since the caller last saw it."""

    code = "PreconditionFailedException"
    status = 412


class RequestTooLarge(LambdaError):
    """The payload is larger than an invocation accepts."""

    code = "RequestTooLargeException"
    status = 413


class TooManyRequests(LambdaError):
    """The function or the account has too many concurrent calls."""

    code = "TooManyRequestsException"
    status = 429


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

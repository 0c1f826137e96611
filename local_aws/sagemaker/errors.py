"""SageMaker's errors, and the FailureReason of jobs and endpoints."""

import logging

from local_aws.errors import ServiceError, local_fault
from local_aws.processes import closing

log = logging.getLogger(__name__)
_LENGTH = 1024  # maximum number of characters


class ResourceNotFound(ServiceError, code="ResourceNotFound", status=400):
    """A named job or resource does not exist."""


class ResourceInUse(ServiceError, code="ResourceInUse", status=400):
    """The name is taken."""


class ResourceLimitExceeded(ServiceError, code="ResourceLimitExceeded", status=400):
    """The request asks for more than a quota allows."""


class InvocationValidation(ServiceError, code="ValidationError", status=400):
    """An invocation that cannot be passed to a container."""


class ModelError(ServiceError, code="ModelError", status=424):
    """A container of an endpoint answered with an error or too late."""


class JobFailure(Exception):
    """Ends a job or an endpoint; the text becomes its FailureReason."""


def failure_reason_of(error: Exception, subject: str) -> str:
    """Return the FailureReason for an error, and log an unexpected one unless shutting down."""
    fault = local_fault(error)
    if fault is not None:
        log.error("%s failed: %s", subject, fault)
        return f"InternalServerError: {fault}"[:_LENGTH]
    if isinstance(error, JobFailure | ServiceError):
        return str(error)[:_LENGTH]
    if not closing():
        log.error("%s failed unexpectedly", subject, exc_info=error)
    return "InternalServerError: the local AWS failed; see its log."

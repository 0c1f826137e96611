"""The FailureReason of jobs and endpoints."""

import logging

from local_aws.errors import ServiceError
from local_aws.processes import closing
from local_aws.sagemaker.errors import JobFailure

log = logging.getLogger(__name__)
_LENGTH = 1024  # maximum number of characters


def failure_reason_of(error: Exception, subject: str) -> str:
    """Return the FailureReason for an error, and log an unexpected one unless shutting down."""
    if isinstance(error, JobFailure | ServiceError):
        return str(error)[:_LENGTH]
    if not closing():
        log.error("%s failed unexpectedly", subject, exc_info=error)
    return "InternalServerError: the local AWS failed; see its log."

"""Errors that the services have in common, with the codes that AWS uses."""

import errno
import logging
import tempfile
from pathlib import Path
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


class LocalFault(ServiceError, code="InternalFailure", status=507):
    """The computer has no space for the request; clients do not repeat it."""


_FREE = (
    "Free some space there, or restart the local AWS with TMPDIR set to a folder on another disk."
)
_FULL = {
    errno.ENOSPC: f"The folder {{folder}} has no space left. {_FREE}",
    errno.EDQUOT: f"The quota of the folder {{folder}} is used up. {_FREE}",
    errno.EROFS: f"The folder {{folder}} is on a read-only disk. {_FREE}",
    errno.EMFILE: "The local AWS has too many open files. Raise ulimit -n and restart it.",
    errno.ENFILE: "This computer has too many open files. Close other programs and try again.",
}
_DENIED = {
    errno.EACCES: "The local AWS may not write to the folder {folder}. Change its permissions.",
    errno.EPERM: "The local AWS may not write to the folder {folder}. Change its permissions.",
}


def local_fault(error: BaseException) -> LocalFault | None:
    """Return what is wrong with this computer if that is what caused an error, or else None.

    An error may have been raised because of another one. A failed write names no file; it is then
    assumed to be in the folder of temporary files, which has all of our folders.
    """
    reasons = _FULL | _DENIED
    cause: BaseException | None = error
    while cause is not None:
        number = cause.errno if isinstance(cause, OSError) else None
        if number in reasons:
            path = Path(getattr(cause, "filename", None) or tempfile.gettempdir())
            folder = path if path.is_dir() else path.parent
            return LocalFault(reasons[number].format(folder=folder))
        cause, reasons = cause.__cause__ or cause.__context__, _FULL
    return None


def as_service_error(error: Exception, subject: str, request_id: str) -> ServiceError:
    """Return the error for the client; log one that is not a service's as a failure of ours."""
    fault = local_fault(error)
    if fault is not None:
        log.error("%s failed (request %s): %s", subject, request_id, fault)
        return fault
    if isinstance(error, ServiceError):
        return error
    log.error("%s failed (request %s)", subject, request_id, exc_info=error)
    return ServiceError(f"{subject} failed inside the local AWS; see its log.")

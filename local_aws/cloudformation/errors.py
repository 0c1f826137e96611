"""CloudFormation's errors, under the codes its clients look for.

ServiceError
└── StackError                    400 ValidationError
    ├── InsufficientCapabilities  400 InsufficientCapabilitiesException
    ├── AlreadyExists             400 AlreadyExistsException
    ├── InvalidChangeSet          400 InvalidChangeSetStatus
    └── ChangeSetNotFound         404 ChangeSetNotFound

ResourceFailure is no answer: it ends the work on one resource, and its text is the reason shown.
"""

from local_aws.errors import ServiceError


class StackError(ServiceError):
    """The request or its template breaks a rule."""

    code = "ValidationError"
    status = 400


class InsufficientCapabilities(StackError):
    """The template does something that the request did not allow."""

    code = "InsufficientCapabilitiesException"


class AlreadyExists(StackError):
    """The name is taken."""

    code = "AlreadyExistsException"


class InvalidChangeSet(StackError):
    """The change set cannot be executed as it stands."""

    code = "InvalidChangeSetStatus"


class ChangeSetNotFound(StackError):
    """There is no such change set."""

    code = "ChangeSetNotFound"
    status = 404


class ResourceFailure(Exception):
    """Ends the work on one resource; the text becomes its status reason."""


def template_error(reason: str) -> StackError:
    """Return the error of a template that is none."""
    return StackError(f"Template format error: {reason}")

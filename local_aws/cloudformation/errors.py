"""CloudFormation's errors, under the codes that its clients expect."""

from local_aws.errors import ServiceError


class StackError(ServiceError, code="ValidationError", status=400):
    """The request or its template breaks a rule."""


class InsufficientCapabilities(StackError, code="InsufficientCapabilitiesException"):
    """The template needs a capability that the request does not acknowledge."""


class AlreadyExists(StackError, code="AlreadyExistsException"):
    """The name is already in use."""


class InvalidChangeSet(StackError, code="InvalidChangeSetStatus"):
    """The change set cannot be executed in its current status."""


class ChangeSetNotFound(StackError, code="ChangeSetNotFound", status=404):
    """The change set does not exist."""


class ExportNotFound(StackError):
    """A template imports a value that no stack exports."""


class ResourceFailure(Exception):
    """Ends the work on one resource; the text becomes its status reason."""


def template_error(reason: str) -> StackError:
    """Return the error for a malformed template."""
    return StackError(f"Template format error: {reason}")

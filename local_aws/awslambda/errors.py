"""Lambda's errors."""

from local_aws.errors import ServiceError


class InvalidParameterValue(ServiceError, code="InvalidParameterValueException", status=400):
    """A parameter has a value that Lambda does not accept."""


class InvalidRequestContent(ServiceError, code="InvalidRequestContentException", status=400):
    """The payload of an invocation is not JSON."""


class FunctionNotFound(ServiceError, code="ResourceNotFoundException", status=404):
    """No function, version, alias, or statement has that name."""


class ResourceConflict(ServiceError, code="ResourceConflictException", status=409):
    """The name is taken, or the function's state does not allow this."""


class PreconditionFailed(ServiceError, code="PreconditionFailedException", status=412):
    """The function has changed since the caller last saw it."""


class RequestTooLarge(ServiceError, code="RequestTooLargeException", status=413):
    """The payload is larger than an invocation accepts."""


class TooManyRequests(ServiceError, code="TooManyRequestsException", status=429):
    """The function or the account has too many concurrent calls."""

"""SageMaker's errors.

ServiceError
├── ResourceNotFound       400 ResourceNotFound
├── ResourceInUse          400 ResourceInUse          the name is taken
├── ResourceLimitExceeded  400 ResourceLimitExceeded  more than a quota allows
├── InvocationValidation   400 ValidationError        a bad request, as the runtime spells it
└── ModelError             424 ModelError             a container answered with an error

JobFailure is not a response: it ends a job or an endpoint, and its text is the FailureReason.
"""

from local_aws.errors import ServiceError


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

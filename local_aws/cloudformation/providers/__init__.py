"""The resource types that the local AWS reproduces, with one small provider each."""

from local_aws.cloudformation.provider import Provider
from local_aws.cloudformation.providers import (
    cloudwatch,
    functions,
    http_apis,
    iam,
    notifications,
    releases,
    s3,
    stored,
)

_MODULES = (s3, iam, functions, http_apis, cloudwatch, stored, notifications, releases)
PROVIDERS: dict[str, Provider] = {
    kind: provider for module in _MODULES for kind, provider in module.PROVIDERS.items()
}

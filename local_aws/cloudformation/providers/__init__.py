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

PROVIDERS: dict[str, Provider] = {
    **s3.PROVIDERS,
    **iam.PROVIDERS,
    **functions.PROVIDERS,
    **http_apis.PROVIDERS,
    **cloudwatch.PROVIDERS,
    **stored.PROVIDERS,
    **notifications.PROVIDERS,
    **releases.PROVIDERS,
}

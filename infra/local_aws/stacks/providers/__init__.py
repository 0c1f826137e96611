"""The resource types that stacks can hold, one small provider each."""

from infra.local_aws.stacks.provider import Provider
from infra.local_aws.stacks.providers import (
    functions,
    http_apis,
    iam,
    logs,
    s3,
    sagemaker,
    watching,
)

PROVIDERS: dict[str, Provider] = {
    **s3.PROVIDERS,
    **iam.PROVIDERS,
    **logs.PROVIDERS,
    **functions.PROVIDERS,
    **http_apis.PROVIDERS,
    **watching.PROVIDERS,
    **sagemaker.PROVIDERS,
}

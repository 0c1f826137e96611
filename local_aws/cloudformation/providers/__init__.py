"""The resource types that stacks can hold, one small provider each."""

from local_aws.cloudformation.provider import Provider
from local_aws.cloudformation.providers import (
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

"""The resource types that stacks can hold, one small provider each."""

from infra.local_aws.stacks.provider import Provider
from infra.local_aws.stacks.providers import iam, logs, s3

PROVIDERS: dict[str, Provider] = {**s3.PROVIDERS, **iam.PROVIDERS, **logs.PROVIDERS}

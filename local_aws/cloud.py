"""Use the local AWS as its own client: S3 objects and roles, through boto3."""

from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.errors import JobFailure, ValidationError
from local_aws.settings import Settings

# For each GET of a range, moto reads the whole object, so a large one is fetched with one GET.
_ONE_GET = TransferConfig(multipart_threshold=2**50)
# moto accepts any; the local AWS does not check signatures.
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


@lru_cache(maxsize=32)
def client(service: str, settings: Settings, region: str) -> Any:
    """Return the shared boto3 client of a service of this local AWS."""
    config = Config(proxies={}, retries={"total_max_attempts": 2}, max_pool_connections=32)
    return session(region).client(service, endpoint_url=settings.endpoint_url, config=config)


def session(region: str) -> Any:
    """Return a session in a region, whatever the computer's own AWS settings are."""
    return boto3.session.Session(region_name=region, **CREDENTIALS)


def split_uri(uri: str) -> tuple[str, str]:
    """Return the bucket and key of an s3:// address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")  # a key may contain any character
    return bucket, key


def download_prefix(s3: Any, uri: str, folder: Path, part: tuple[int, int] = (0, 1)) -> int:
    """Download the objects under a prefix as SageMaker fills a channel; return their number.

    Part (i, n) downloads every nth object, starting with the ith. Keys that would leave the folder
    are refused.
    """
    bucket, prefix = split_uri(uri)
    folder.mkdir(parents=True, exist_ok=True)
    keys = list_keys(s3, uri)
    try:
        for key in keys[part[0] :: part[1]]:
            target = folder / relative_key(key, prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, key, str(target))
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        raise JobFailure(f"ClientError: Data download failed: {error} ({uri})") from error
    return len(keys)


def list_keys(s3: Any, uri: str) -> list[str]:
    """Return the keys under a prefix in S3's order, without those that stand for folders."""
    bucket, prefix = split_uri(uri)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    except (BotoCoreError, ClientError) as error:
        raise JobFailure(f"ClientError: Data download failed: {error} ({uri})") from error
    return [key for key in keys if not key.endswith("/")]


def no_objects(uri: str) -> str:
    """Return SageMaker's message about a prefix without objects."""
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        "the bucket exists in the selected region and that objects exist under that S3 prefix."
    )


def open_object(s3: Any, bucket: str, key: str) -> Any:
    """Return an object as a stream, which the caller closes; raise S3's ClientError."""
    return s3.get_object(Bucket=bucket, Key=key)["Body"]


def relative_key(key: str, prefix: str) -> str:
    """Return the path of a key below its prefix; raise JobFailure if it leads elsewhere."""
    root = prefix.rstrip("/") + "/"
    name = key[len(root) :] if key.startswith(root) else key[prefix.rfind("/") + 1 :]
    if ".." in PurePosixPath(name).parts or name.startswith("/"):
        raise JobFailure(f"ClientError: Data download failed: unsafe key {key!r}")
    return name


def read_object(s3: Any, bucket: str, key: str, version: str | None) -> bytes:
    """Return the bytes of an object, or of a version of it; raise S3's ClientError."""
    options = {"VersionId": version} if version else {}
    return bytes(s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read())


def download_object(s3: Any, uri: str, target: Path) -> None:
    """Download an object; raise JobFailure naming it if that fails."""
    bucket, key = split_uri(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        s3.download_file(bucket, key, str(target), Config=_ONE_GET)
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise JobFailure(f"Could not download {uri}: {error}") from error


def upload_object(s3: Any, path: Path, uri: str) -> None:
    """Upload a file; raise JobFailure naming its address if that fails."""
    bucket, key = split_uri(uri)
    try:
        s3.upload_file(str(path), bucket, key)
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise JobFailure(f"ClientError: Data upload failed: {error} ({uri})") from error


def delete_object(s3: Any, uri: str) -> None:
    """Delete an object; raise JobFailure naming its address if that fails."""
    bucket, key = split_uri(uri)
    try:
        s3.delete_object(Bucket=bucket, Key=key)
    except (BotoCoreError, ClientError) as error:
        raise JobFailure(f"ClientError: Could not delete {uri}: {error}") from error


def check_role(settings: Settings, region: str, role_arn: str) -> None:
    """Raise ValidationError unless the role exists and SageMaker may assume it."""
    if not may_assume(settings, region, role_arn, "sagemaker.amazonaws.com"):
        raise ValidationError(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
            "principal 'sagemaker.amazonaws.com' to assume the role."
        )


def may_assume(settings: Settings, region: str, role_arn: str, service: str) -> bool:
    """Return whether a role exists and a service may assume it."""
    iam = client("iam", settings, region)
    name = role_arn.rsplit("/", 1)[-1]
    try:
        role = iam.get_role(RoleName=name)["Role"] if name else None
    except iam.exceptions.NoSuchEntityException:
        role = None
    return role is not None and role["Arn"] == role_arn and _trusts(role, service)


def _trusts(role: dict[str, Any], service: str) -> bool:
    """Return whether the trust policy allows a service; its lists may be single values."""
    effects = set()
    for statement in _as_list(role.get("AssumeRolePolicyDocument", {}).get("Statement", [])):
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if service in _as_list(services):
            effects.add(statement.get("Effect"))
    return effects == {"Allow"}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

"""The S3 objects that jobs and endpoints read and write; an error is a FailureReason."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloud import split_uri
from local_aws.errors import ValidationError
from local_aws.sagemaker.errors import JobFailure

# For each GET of a range, moto reads the whole object, so a large one is fetched with one GET.
_ONE_GET = TransferConfig(multipart_threshold=2**50)
DEFAULT_KEY = "alias/aws/s3"  # the account's own KMS key for S3


@contextmanager
def _failing(problem: str, *others: type[Exception]) -> Iterator[None]:
    """Raise JobFailure with the problem for an error of S3, or for one of the others."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError, *others) as error:
        raise JobFailure(f"{problem}: {error}") from error


def download_prefix(s3: Any, uri: str, folder: Path, part: tuple[int, int] = (0, 1)) -> int:
    """Download the objects under a prefix as SageMaker fills a channel; return their number.

    Part (i, n) downloads every nth object, starting with the ith. Keys that would leave the folder
    are refused.
    """
    bucket, prefix = split_uri(uri)
    folder.mkdir(parents=True, exist_ok=True)
    keys = list_keys(s3, uri)
    with _failing(f"ClientError: Data download failed ({uri})", OSError):
        for key in keys[part[0] :: part[1]]:
            target = folder / relative_key(key, prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, key, str(target), Config=_ONE_GET)
    return len(keys)


def list_keys(s3: Any, uri: str) -> list[str]:
    """Return the keys under a prefix in S3's order, without those that stand for folders."""
    bucket, prefix = split_uri(uri)
    with _failing(f"ClientError: Data download failed ({uri})"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [key for key in keys if not key.endswith("/")]


def no_objects(uri: str, end: str = " and that objects exist under that S3 prefix.") -> str:
    """Return SageMaker's message about a prefix without objects, with the end of its sentence."""
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region{end}"
    )


def check_objects(s3: Any, uri: str, role: str) -> None:
    """Raise ValidationError unless there are objects under a prefix that a request names."""
    try:
        keys = list_keys(s3, uri)
    except JobFailure:  # for example, because the bucket does not exist
        keys = []
    if not keys:
        end = (
            f" ({s3.meta.region_name}), that objects exist under that S3 prefix, and that the role "
            f'"{role}" has "s3:ListBucket" permissions on bucket "{split_uri(uri)[0]}".'
        )
        raise ValidationError(no_objects(uri, end))


def check_object(s3: Any, uri: str) -> None:
    """Raise ValidationError unless there is an object of a model that a request names."""
    bucket, key = split_uri(uri)
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except (BotoCoreError, ClientError) as error:
        raise ValidationError(f"Could not find model data at {uri}.") from error


def relative_key(key: str, prefix: str) -> str:
    """Return the path of a key below its prefix; raise JobFailure if it leads elsewhere."""
    root = prefix.rstrip("/") + "/"
    name = key[len(root) :] if key.startswith(root) else key[prefix.rfind("/") + 1 :]
    if ".." in PurePosixPath(name).parts or name.startswith("/"):
        raise JobFailure(f"ClientError: Data download failed: unsafe key {key!r}")
    return name


def download_object(s3: Any, uri: str, target: Path) -> None:
    """Download an object; raise JobFailure naming it if that fails."""
    bucket, key = split_uri(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _failing(f"Could not download {uri}"):
        s3.download_file(bucket, key, str(target), Config=_ONE_GET)


def upload_object(s3: Any, path: Path, uri: str, kms_key: str = "") -> None:
    """Upload a file; raise JobFailure naming its address if that fails.

    The S3 of moto records the KMS key, if there is one, and encrypts nothing.
    """
    bucket, key = split_uri(uri)
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else None
    with _failing(f"ClientError: Data upload failed ({uri})"):
        s3.upload_file(str(path), bucket, key, ExtraArgs=encryption)


def delete_object(s3: Any, uri: str) -> None:
    """Delete an object; raise JobFailure naming its address if that fails."""
    bucket, key = split_uri(uri)
    with _failing(f"ClientError: Could not delete {uri}"):
        s3.delete_object(Bucket=bucket, Key=key)

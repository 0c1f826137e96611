"""AWS::S3::Bucket and AWS::S3::BucketPolicy."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, only
from local_aws.cloudformation.records import Properties

_MAX_NAME = 63
_MISSING = ("NoSuchBucket", "NoSuchBucketPolicy", "404")


def _create_bucket(context: Context, properties: Properties) -> str:
    s3 = context.client("s3")
    name = context.name(properties.get("BucketName"), _MAX_NAME)
    if "BucketName" not in properties:
        name = name.lower()
    if _exists(s3, name):  # in us-east-1, CreateBucket would return the existing one
        raise ResourceFailure(
            f"Resource of type 'AWS::S3::Bucket' with identifier '{name}' already exists."
        )
    location = {"LocationConstraint": context.region.name}
    options = {} if context.region.name == "us-east-1" else {"CreateBucketConfiguration": location}
    s3.create_bucket(Bucket=name, **options)
    return name


def _exists(s3: Any, name: str) -> bool:
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return False
        raise
    return True


def _apply_bucket(context: Context, name: str, old: Properties, new: Properties) -> None:
    s3 = context.client("s3")
    for key, (put, remove) in _SETTINGS.items():
        if key in new and new[key] != old.get(key):
            put(s3, name, new[key])
        elif key in old and key not in new:
            remove(s3, name)


def _check_acl(acl: str) -> None:
    if acl != "Private":
        raise ResourceFailure(f"The local AWS does not reproduce the AccessControl {acl}.")


def _put_encryption(s3: Any, name: str, value: Any) -> None:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        only("BucketEncryption", rule, "ServerSideEncryptionByDefault", "BucketKeyEnabled")
        rules.append(
            {
                key.replace("ServerSideEncryption", "ApplyServerSideEncryption"): item
                for key, item in rule.items()
            }
        )
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def _put_versioning(s3: Any, name: str, value: Any) -> None:
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": value["Status"]})


def _put_lifecycle(s3: Any, name: str, value: Any) -> None:
    only("LifecycleConfiguration", value, "Rules")
    rules = [_lifecycle_rule(rule) for rule in value["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    same = ("Status", "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")
    names = (*same, "Id", "Prefix", "ExpirationInDays")
    only("a rule of LifecycleConfiguration", rule, *names)
    converted: dict[str, Any] = {key: rule[key] for key in same if key in rule}
    converted["Filter"] = {"Prefix": rule.get("Prefix", "")}
    if "Id" in rule:
        converted["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        converted["Expiration"] = {"Days": rule["ExpirationInDays"]}
    return converted


# How each property is set and removed.
_SETTINGS: dict[str, tuple[Callable[[Any, str, Any], Any], Callable[[Any, str], Any]]] = {
    "BucketEncryption": (
        _put_encryption,
        lambda s3, name: s3.delete_bucket_encryption(Bucket=name),
    ),
    "PublicAccessBlockConfiguration": (
        lambda s3, name, value: s3.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=value
        ),
        lambda s3, name: s3.delete_public_access_block(Bucket=name),
    ),
    "VersioningConfiguration": (
        _put_versioning,
        lambda s3, name: _put_versioning(s3, name, {"Status": "Suspended"}),
    ),
    "LifecycleConfiguration": (
        _put_lifecycle,
        lambda s3, name: s3.delete_bucket_lifecycle(Bucket=name),
    ),
    "OwnershipControls": (
        lambda s3, name, value: s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls=value
        ),
        lambda s3, name: s3.delete_bucket_ownership_controls(Bucket=name),
    ),
    "AccessControl": (lambda s3, name, value: _check_acl(value), lambda s3, name: None),
    "Tags": (
        lambda s3, name, value: s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": value}),
        lambda s3, name: s3.delete_bucket_tagging(Bucket=name),
    ),
}


def _bucket_attributes(context: Context, name: str, properties: Properties) -> dict[str, Any]:
    region = context.region.name
    return {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
    }


def _create_policy(context: Context, properties: Properties) -> str:
    name = str(properties["Bucket"])
    try:
        context.client("s3").get_bucket_policy(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return name
    raise ResourceFailure(f"The bucket policy already exists on bucket {name}.")


def _apply_policy(context: Context, name: str, old: Properties, new: Properties) -> None:
    policy = json.dumps(new["PolicyDocument"])
    context.client("s3").put_bucket_policy(Bucket=name, Policy=policy)


PROVIDERS = {
    "AWS::S3::Bucket": Provider(
        properties=frozenset({"BucketName", *_SETTINGS}),
        create=_create_bucket,
        apply=_apply_bucket,
        attributes=_bucket_attributes,
        delete=lambda context, name, _: context.client("s3").delete_bucket(Bucket=name),
        missing=_MISSING,
    ),
    "AWS::S3::BucketPolicy": Provider(
        properties=frozenset({"Bucket", "PolicyDocument"}),
        create=_create_policy,
        apply=_apply_policy,
        delete=lambda context, name, _: context.client("s3").delete_bucket_policy(Bucket=name),
        missing=_MISSING,
    ),
}

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
    s3, acl = context.client("s3"), new.get("AccessControl", "Private")
    if acl != "Private":
        raise ResourceFailure(f"The local AWS does not reproduce the AccessControl {acl}.")
    if _VERSIONING in old:  # it can be suspended, but not removed
        new = {_VERSIONING: {"Status": "Suspended"}, **new}
    for key, (put, member, convert, delete) in _SETTINGS.items():
        if key in new and new[key] != old.get(key):
            getattr(s3, put)(Bucket=name, **{member: convert(new[key])})
        elif key in old and key not in new:
            getattr(s3, delete)(Bucket=name)


def _encryption(value: Any) -> dict[str, Any]:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        only("BucketEncryption", rule, "ServerSideEncryptionByDefault", "BucketKeyEnabled")
        rules.append(
            {
                key.replace("ServerSideEncryption", "ApplyServerSideEncryption"): item
                for key, item in rule.items()
            }
        )
    return {"Rules": rules}


def _lifecycle(value: Any) -> dict[str, Any]:
    only("LifecycleConfiguration", value, "Rules")
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


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


_VERSIONING = "VersioningConfiguration"
# Of each property: the operation that sets it, the member of its request and what this is made
# with, and the operation that removes it.
_SETTINGS: dict[str, tuple[str, str, Callable[[Any], Any], str]] = {
    "BucketEncryption": (
        "put_bucket_encryption", "ServerSideEncryptionConfiguration", _encryption,
        "delete_bucket_encryption",
    ),
    "PublicAccessBlockConfiguration": (
        "put_public_access_block", "PublicAccessBlockConfiguration", dict,
        "delete_public_access_block",
    ),
    "LifecycleConfiguration": (
        "put_bucket_lifecycle_configuration", "LifecycleConfiguration", _lifecycle,
        "delete_bucket_lifecycle",
    ),
    "OwnershipControls": (
        "put_bucket_ownership_controls", "OwnershipControls", dict,
        "delete_bucket_ownership_controls",
    ),
    "Tags": (
        "put_bucket_tagging", "Tagging", lambda tags: {"TagSet": tags}, "delete_bucket_tagging",
    ),
    _VERSIONING: ("put_bucket_versioning", _VERSIONING, dict, ""),
}  # fmt: skip


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
        properties=frozenset({"BucketName", "AccessControl", *_SETTINGS}),
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

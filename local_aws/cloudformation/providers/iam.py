"""AWS::IAM::Role, Policy and ManagedPolicy."""

import json
from contextlib import suppress
from typing import Any

from local_aws.cloudformation.provider import Context, Provider, change_tags, only
from local_aws.cloudformation.records import Properties

_MISSING = ("NoSuchEntity",)
_MAX_POLICY_NAME = 128


def _description(properties: Properties) -> Properties:
    return {key: properties[key] for key in ("Path", "Description", "Tags") if key in properties}


def _create_role(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("RoleName"))
    context.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
        **_description(properties),
    )
    return name


def _apply_role(context: Context, name: str, old: Properties, new: Properties) -> None:
    iam = context.client("iam")
    if "MaxSessionDuration" in {**old, **new} or "Description" in old:
        iam.update_role(
            RoleName=name,
            Description=new.get("Description", ""),
            MaxSessionDuration=new.get("MaxSessionDuration", 3600),
        )
    if old and old["AssumeRolePolicyDocument"] != new["AssumeRolePolicyDocument"]:
        trust = json.dumps(new["AssumeRolePolicyDocument"])
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    if old:
        change_tags(iam, {"RoleName": name}, old, new, ("TagRole", "UntagRole"))
    before, after = _inline(old), _inline(new)
    for policy in before.keys() - after.keys():
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy, document in after.items():
        if before.get(policy) != document:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    old_arns, new_arns = (set(item.get("ManagedPolicyArns", [])) for item in (old, new))
    for arn in sorted(old_arns - new_arns):
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in sorted(new_arns - old_arns):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def _inline(properties: Properties) -> dict[str, str]:
    policies = properties.get("Policies", [])
    for policy in policies:
        only("a policy of a role", policy, "PolicyName", "PolicyDocument")
    return {policy["PolicyName"]: json.dumps(policy["PolicyDocument"]) for policy in policies}


def _delete_role(context: Context, name: str, properties: Properties) -> None:
    iam = context.client("iam")
    for policy in _inline(properties):
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for arn in properties.get("ManagedPolicyArns", []):
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.delete_role(RoleName=name)


def _role_attributes(context: Context, name: str, properties: Properties) -> dict[str, Any]:
    role = context.client("iam").get_role(RoleName=name)["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _apply_policy(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    iam = context.client("iam")
    before, after = _roles(old), _roles(new)
    name, document = new["PolicyName"], json.dumps(new["PolicyDocument"])
    for role in sorted(after):
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    renamed = bool(old) and old["PolicyName"] != name
    for role in sorted(before if renamed else before - after):
        iam.delete_role_policy(RoleName=role, PolicyName=old["PolicyName"])


def _roles(properties: Properties) -> set[str]:
    return set(properties.get("Roles", []))


def _delete_policy(context: Context, physical_id: str, properties: Properties) -> None:
    iam = context.client("iam")
    name = properties["PolicyName"]
    for role in _roles(properties):
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=role, PolicyName=name)


def _create_managed(context: Context, properties: Properties) -> str:
    policy = context.client("iam").create_policy(
        PolicyName=context.name(properties.get("ManagedPolicyName"), _MAX_POLICY_NAME),
        PolicyDocument=json.dumps(properties["PolicyDocument"]),
        **_description(properties),
    )
    return str(policy["Policy"]["Arn"])


def _apply_managed(context: Context, arn: str, old: Properties, new: Properties) -> None:
    iam = context.client("iam")
    if old and old["PolicyDocument"] != new["PolicyDocument"]:
        document = json.dumps(new["PolicyDocument"])
        _delete_old_versions(iam, arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    for role in sorted(_roles(old) - _roles(new)):
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    for role in sorted(_roles(new) - _roles(old)):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _delete_old_versions(iam: Any, arn: str) -> None:
    """Delete the versions that are not the default, because a policy has at most five."""
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


def _delete_managed(context: Context, arn: str, properties: Properties) -> None:
    iam = context.client("iam")
    for role in _roles(properties):
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    _delete_old_versions(iam, arn)
    iam.delete_policy(PolicyArn=arn)


PROVIDERS = {
    "AWS::IAM::Role": Provider(
        properties=frozenset(
            {"RoleName", "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration",
             "ManagedPolicyArns", "Policies", "Tags"}
        ),
        create=_create_role,
        apply=_apply_role,
        attributes=_role_attributes,
        delete=_delete_role,
        missing=_MISSING,
    ),
    "AWS::IAM::Policy": Provider(
        properties=frozenset({"PolicyName", "PolicyDocument", "Roles"}),
        create=lambda context, _: context.name(None),
        apply=_apply_policy,
        attributes=lambda _, physical_id, properties: {"Id": physical_id},
        delete=_delete_policy,
        missing=_MISSING,
    ),
    "AWS::IAM::ManagedPolicy": Provider(
        properties=frozenset(
            {"ManagedPolicyName", "PolicyDocument", "Path", "Description", "Roles"}
        ),
        create=_create_managed,
        apply=_apply_managed,
        attributes=lambda _, arn, properties: {"PolicyArn": arn},
        delete=_delete_managed,
        missing=_MISSING,
    ),
}  # fmt: skip

"""Types of which only records are kept: ECR repositories, SSM parameters, and CDK's metadata."""

import json

from local_aws.cloudformation.provider import Context, Provider, change_tags, only
from local_aws.cloudformation.records import Properties

_PARAMETER = ("Type", "Value", "Description", "AllowedPattern", "Tier", "DataType")
_MAX_REPOSITORY_NAME = 256


def _create_parameter(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("Name"))
    context.client("ssm").put_parameter(**_parameter(name, properties))
    return name


def _parameter(name: str, properties: Properties) -> Properties:
    return {"Name": name, **{key: properties[key] for key in _PARAMETER if key in properties}}


def _apply_parameter(context: Context, name: str, old: Properties, new: Properties) -> None:
    ssm = context.client("ssm")
    if old:
        ssm.put_parameter(**_parameter(name, new), Overwrite=True)
    target = {"ResourceType": "Parameter", "ResourceId": name}
    change_tags(ssm, target, old, new, ("AddTagsToResource", "RemoveTagsFromResource"))


def _create_repository(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("RepositoryName"), _MAX_REPOSITORY_NAME).lower()
    context.client("ecr").create_repository(repositoryName=name)
    return name


def _apply_repository(context: Context, name: str, old: Properties, new: Properties) -> None:
    ecr, target = context.client("ecr"), {"repositoryName": name}
    mutability = new.get("ImageTagMutability", "MUTABLE")
    ecr.put_image_tag_mutability(**target, imageTagMutability=mutability)
    scanning = new.get("ImageScanningConfiguration", {})
    on_push = {"scanOnPush": scanning.get("ScanOnPush", False)}
    ecr.put_image_scanning_configuration(**target, imageScanningConfiguration=on_push)
    if "LifecyclePolicy" in new:
        only("LifecyclePolicy", new["LifecyclePolicy"], "LifecyclePolicyText")
        text = new["LifecyclePolicy"]["LifecyclePolicyText"]
        ecr.put_lifecycle_policy(**target, lifecyclePolicyText=text)
    elif "LifecyclePolicy" in old:
        ecr.delete_lifecycle_policy(**target)
    if "RepositoryPolicyText" in new:
        policy = json.dumps(new["RepositoryPolicyText"])
        ecr.set_repository_policy(**target, policyText=policy)
    elif "RepositoryPolicyText" in old:
        ecr.delete_repository_policy(**target)
    arn = context.arn("ecr", f"repository/{name}")
    change_tags(ecr, {"resourceArn": arn}, old, new)


def _repository_attributes(context: Context, name: str, properties: Properties) -> Properties:
    response = context.client("ecr").describe_repositories(repositoryNames=[name])
    repository = response["repositories"][0]
    return {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]}


PROVIDERS = {
    "AWS::CDK::Metadata": Provider(
        properties=frozenset({"Analytics", "Id", "Modules"}),
        create=lambda context, _: context.name(None),
        apply=lambda *_: None,
        delete=lambda *_: None,
    ),
    "AWS::SSM::Parameter": Provider(
        properties=frozenset({"Name", "Tags", *_PARAMETER}),
        create=_create_parameter,
        apply=_apply_parameter,
        attributes=lambda _, name, properties: {
            "Type": properties["Type"],
            "Value": properties["Value"],
        },
        delete=lambda context, name, _: context.client("ssm").delete_parameter(Name=name),
        missing=("ParameterNotFound",),
    ),
    "AWS::ECR::Repository": Provider(
        properties=frozenset(
            {"RepositoryName", "ImageTagMutability", "ImageScanningConfiguration", "Tags",
             "LifecyclePolicy", "RepositoryPolicyText", "EmptyOnDelete"}
        ),
        create=_create_repository,
        apply=_apply_repository,
        attributes=_repository_attributes,
        delete=lambda context, name, properties: context.client("ecr").delete_repository(
            repositoryName=name, force=properties.get("EmptyOnDelete", False)
        ),
        missing=("RepositoryNotFoundException",),
    ),
}  # fmt: skip

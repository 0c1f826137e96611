"""The model registry: register, find and check the model packages of a recipe."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from inference_pipeline.content_types import IMAGE_TYPES, REQUEST_TYPES, RESPONSE_TYPES
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe, Stage
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.container_images import image_address
from scripts.account.lineage import LINEAGE, Origin, write_lineage
from scripts.account.model_archives import SHA256, record_model
from scripts.account.naming import DEFAULT_STACK, name_in_stack, recipe_tags
from scripts.account.ownership import Tags, check_owner, fault_of, sagemaker_tags
from scripts.account.stacks import foundation, recipe_flags, training_command

SERVING_DIRECTORY = "/opt/ml/model/serving"
# In CustomerMetadataProperties: the ARN of who approved a package last, and of who rejected it.
APPROVER, REJECTER = "approved-by", "rejected-by"


def group_call(recipe: Recipe, stack: str = DEFAULT_STACK) -> Call:
    """Return the call that creates the model package group of a recipe in a stack."""
    parameters = {
        "ModelPackageGroupName": name_in_stack(stack, recipe.scope),
        "ModelPackageGroupDescription": recipe.summary,
        "Tags": recipe_tags(stack, recipe),
    }
    return Call("sagemaker", "create_model_package_group", parameters)


def plan_package(aws: Aws, recipe: Recipe, model_uri: str, approved: bool, stack: str) -> Call:
    """Return the call that registers a model, with the container images of the account."""
    images = {stage.image: image_address(aws, stage.image) for stage in recipe.stages}
    return package_call(recipe, images, model_uri, approved, stack)


def package_call(
    recipe: Recipe,
    images: dict[str, str],
    model_uri: str,
    approved: bool,
    stack: str = DEFAULT_STACK,
) -> Call:
    """Return the call that registers a model; `images` has the address of each stage's image."""
    content_types = IMAGE_TYPES if recipe.inputs == "images" else REQUEST_TYPES
    parameters = {
        "ModelPackageGroupName": name_in_stack(stack, recipe.scope),
        "ModelPackageDescription": recipe.summary,
        "InferenceSpecification": {
            "Containers": [
                _container(stage, images[stage.image], model_uri) for stage in recipe.stages
            ],
            "SupportedContentTypes": list(content_types),
            "SupportedResponseMIMETypes": list(RESPONSE_TYPES),
        },
        "ModelApprovalStatus": "Approved" if approved else "PendingManualApproval",
    }
    return Call("sagemaker", "create_model_package", parameters)


def _container(stage: Stage, image: str, model_uri: str) -> dict[str, Any]:
    container: dict[str, Any] = {
        "ContainerHostname": stage.name,
        "Image": image,
        "ModelDataUrl": model_uri,
    }
    if stage.program:  # TensorFlow Serving finds its handlers in the artifact
        container["Environment"] = {
            "SAGEMAKER_PROGRAM": stage.program,
            "SAGEMAKER_SUBMIT_DIRECTORY": SERVING_DIRECTORY,
        }
    return container


def register(aws: Aws, recipe: Recipe, stack: str, package: Call, origin: Origin) -> str:
    """Create a planned model package, and its group if it is missing; return the package's ARN.

    Its customer metadata records the origin, the archive, which is read here, and the lineage,
    which is written next to it. Raise DeploymentError if the origin has another sha256.
    """
    containers = package.parameters["InferenceSpecification"]["Containers"]
    archive = record_model(aws, containers[0]["ModelDataUrl"])
    if (expected := origin.properties.get(SHA256, archive.sha256)) != archive.sha256:
        raise DeploymentError(
            f"{archive.uri} was replaced after it was uploaded: expected sha256 {expected}, found "
            f"{archive.sha256}. Nothing was registered; register the model again"
        )
    if find_group(aws, stack, recipe) is None:
        aws.make(group_call(recipe, stack), "already exist")  # another run may be faster
    check_group(aws, stack, recipe)
    lineage_sha256, members = write_lineage(aws, archive.uri, origin.lineage)
    customer = {**origin.properties, **archive.properties, LINEAGE: lineage_sha256}
    if package.parameters["ModelApprovalStatus"] == "Approved":
        customer[APPROVER] = aws.user_arn
    metadata = {"CustomerMetadataProperties": customer, **members}
    call = replace(package, parameters=package.parameters | metadata)
    arn: str = aws.make(call)["ModelPackageArn"]
    say(f"Registered {arn}.")
    return arn


def record_call(package: Mapping[str, Any], record: Mapping[str, str], **parameters: str) -> Call:
    """Return the call that adds customer metadata to a package, as it is described now."""
    # All properties, since AWS does not document whether an update keeps those that it omits.
    properties = {**package.get("CustomerMetadataProperties", {}), **record}
    names = {"ModelPackageArn": package["ModelPackageArn"]}
    request = {**names, **parameters, "CustomerMetadataProperties": properties}
    return Call("sagemaker", "update_model_package", request)


def approval_call(package: Mapping[str, Any], status: str, user_arn: str) -> Call:
    """Return the call that sets the approval status of a package, and records who did."""
    person = APPROVER if status == "Approved" else REJECTER
    return record_call(package, {person: user_arn}, ModelApprovalStatus=status)


def find_group(aws: Aws, stack: str, recipe: Recipe) -> str | None:
    """Return the ARN of the model package group of a recipe in a stack, or None."""
    name = name_in_stack(stack, recipe.scope)
    groups = _groups(aws, NameContains=name)
    named = (item for item in groups if item["ModelPackageGroupName"] == name)
    return next((item["ModelPackageGroupArn"] for item in named), None)


def _groups(aws: Aws, **query: str) -> Iterator[dict[str, Any]]:
    operation, key = "list_model_package_groups", "ModelPackageGroupSummaryList"
    return aws.pages("sagemaker", operation, key, **query)


def model_groups(aws: Aws, stack: str) -> dict[str, Tags]:
    """Return the tags of the model package groups of a stack, by their names."""
    groups = {
        item["ModelPackageGroupName"]: sagemaker_tags(aws, item["ModelPackageGroupArn"]) or {}
        for item in _groups(aws)
    }
    return {name: tags for name, tags in groups.items() if not fault_of(tags, stack)}


def check_group(aws: Aws, stack: str, recipe: Recipe) -> None:
    """Raise DeploymentError if the model package group of a recipe is not of the stack."""
    arn = find_group(aws, stack, recipe)
    tags = sagemaker_tags(aws, arn) if arn else None
    if tags is not None:
        name = name_in_stack(stack, recipe.scope)
        remedy = f"Choose another --stack, or delete {name} if you no longer need it."
        check_owner(f"the model package group {name}", tags, stack, remedy)


def newest_package(aws: Aws, stack: str, recipe: Recipe, status: str = "") -> dict[str, Any]:
    """Return the newest package of a recipe, or of a status; raise DeploymentError if none."""
    packages = list_packages(aws, stack, recipe)
    for package in packages:
        if status in ("", package["ModelApprovalStatus"]):
            read = approved_package if status == "Approved" else recipe_package
            return read(aws, stack, recipe, package["ModelPackageArn"])
    name = name_in_stack(stack, recipe.scope)
    flags = recipe_flags(aws, recipe, stack)
    if not packages:
        foundation(aws, stack)  # raises if the environment does not exist
        raise DeploymentError(
            f"no model of {name} is registered. Train or register one with: "
            f"{training_command(aws, recipe, stack)}"
        )
    counts = ", ".join(sorted({package["ModelApprovalStatus"] for package in packages}))
    description, advice = "waiting for approval", "Name another one with --package ARN."
    if status == "Approved":
        advice = f"Approve one with: python -m scripts.approve {flags} [--package ARN]"
        description = "approved"
    raise DeploymentError(
        f"no model of {name} is {description}; {len(packages)} registered: {counts}. {advice}"
    )


def list_packages(aws: Aws, stack: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the summaries of all packages of a recipe in a stack, newest first."""
    if find_group(aws, stack, recipe) is None:
        return []
    return group_packages(aws, name_in_stack(stack, recipe.scope))


def group_packages(aws: Aws, group: str) -> list[dict[str, Any]]:
    """Return the summaries of all packages of an existing group, newest first."""
    operation, key = "list_model_packages", "ModelPackageSummaryList"
    order = {"SortBy": "CreationTime", "SortOrder": "Descending"}
    return list(aws.pages("sagemaker", operation, key, ModelPackageGroupName=group, **order))


def describe_package(aws: Aws, arn: str) -> dict[str, Any]:
    """Return an existing package."""
    call = Call("sagemaker", "describe_model_package", {"ModelPackageName": arn})
    return dict(aws.make(call))


def find_package(aws: Aws, arn: str) -> dict[str, Any] | None:
    """Return a package, or None if it does not exist."""
    call = Call("sagemaker", "describe_model_package", {"ModelPackageName": arn})
    package: dict[str, Any] | None = aws.make(call, "(ValidationException)", "does not exist")
    return package


def recipe_package(aws: Aws, stack: str, recipe: Recipe, arn: str) -> dict[str, Any]:
    """Return a package by ARN; raise DeploymentError unless it is of the recipe in the stack."""
    package = find_package(aws, arn)
    group = name_in_stack(stack, recipe.scope)
    if package is None:
        example = f"arn:aws:sagemaker:{aws.region}:{aws.account_id}:model-package/{group}/1"
        raise DeploymentError(
            f"there is no model package {arn!r}; expected an ARN such as {example}. List them "
            f"with: aws sagemaker list-model-packages --region {aws.region} "
            f"--model-package-group-name {group}"
        )
    if package.get("ModelPackageGroupName") != group:
        actual = package.get("ModelPackageGroupName", "no group")
        raise DeploymentError(
            f"{arn} is a model of {actual}, not of {group}. Pass the --recipe, --name, and --stack "
            "that it was registered for"
        )
    return package


def deployable_package(aws: Aws, stack: str, recipe: Recipe, arn: str | None) -> dict[str, Any]:
    """Return the approved package of an ARN, or else the newest approved one of the recipe."""
    if arn:
        return approved_package(aws, stack, recipe, arn)
    return newest_package(aws, stack, recipe, "Approved")


def approved_package(aws: Aws, stack: str, recipe: Recipe, arn: str) -> dict[str, Any]:
    """Return a package of the recipe; raise DeploymentError unless it is approved and complete."""
    package = recipe_package(aws, stack, recipe, arn)
    approval, status = package.get("ModelApprovalStatus"), package.get("ModelPackageStatus")
    if approval != "Approved" or status != "Completed":
        raise DeploymentError(
            f"{arn} cannot be deployed: expected a package that is Approved and Completed, found "
            f"{approval} and {status}. Approve it with: "
            f"python -m scripts.approve {recipe_flags(aws, recipe, stack)} --package {arn}"
        )
    return package

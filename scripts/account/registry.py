"""Find the model packages of a recipe in the registry."""

from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws


def newest_package(aws: Aws, recipe: str, status: str) -> dict[str, Any]:
    """Return the newest package (by creation time) of a recipe with an approval status.

    Raises DeploymentError, saying what to do, if there is none.
    """
    packages = list_packages(aws, recipe)
    wanted = [package for package in packages if package["ModelApprovalStatus"] == status]
    if wanted:
        return describe_package(aws, wanted[0]["ModelPackageArn"])
    if not packages:
        raise DeploymentError(
            f"no model of {recipe} is registered. Train one with: "
            f"python -m scripts.train --recipe {recipe}"
        )
    counts = ", ".join(sorted({package["ModelApprovalStatus"] for package in packages}))
    what = "approved" if status == "Approved" else "waiting for approval"
    mend = f" Approve one with: python -m scripts.approve --recipe {recipe} [--package ARN]"
    raise DeploymentError(
        f"no model of {recipe} is {what}; {len(packages)} registered: {counts}."
        + (mend if status == "Approved" else " Name another one with --package ARN.")
    )


def list_packages(aws: Aws, recipe: str) -> list[dict[str, Any]]:
    """Return the summaries of all packages of a recipe, newest first."""
    client = aws.client("sagemaker")
    try:
        return list(
            aws.pages(
                "sagemaker",
                "list_model_packages",
                "ModelPackageSummaryList",
                ModelPackageGroupName=recipe,
                SortBy="CreationTime",
                SortOrder="Descending",
            )
        )
    except client.exceptions.ClientError as error:
        message = error.response["Error"]["Message"]
        if not any(words in message for words in ("does not exist", "Could not find")):
            raise
        return []


def describe_package(aws: Aws, arn: str) -> dict[str, Any]:
    """Return a package."""
    found: dict[str, Any] = aws.client("sagemaker").describe_model_package(ModelPackageName=arn)
    return found


def recipe_package(aws: Aws, recipe: str, arn: str) -> dict[str, Any]:
    """Return a package by ARN; raise DeploymentError unless it is one of the recipe's."""
    client = aws.client("sagemaker")
    try:
        package = describe_package(aws, arn)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        example = f"arn:aws:sagemaker:{aws.region}:{aws.account_id}:model-package/{recipe}/1"
        raise DeploymentError(
            f"there is no model package {arn!r}; expected an ARN such as {example}. List them "
            f"with: aws sagemaker list-model-packages --model-package-group-name {recipe}"
        ) from error
    if package.get("ModelPackageGroupName") != recipe:
        group = package.get("ModelPackageGroupName", "no group")
        raise DeploymentError(f"{arn} is a model of {group}, not of {recipe}")
    return package


def approved_package(aws: Aws, recipe: str, arn: str) -> dict[str, Any]:
    """Return a package of the recipe; raise DeploymentError unless it may be deployed."""
    package = recipe_package(aws, recipe, arn)
    approval, status = package.get("ModelApprovalStatus"), package.get("ModelPackageStatus")
    if approval != "Approved" or status != "Completed":
        raise DeploymentError(
            f"{arn} is {approval} ({status}), so it is not deployed. Approve it with: "
            f"python -m scripts.approve --recipe {recipe} --package {arn}"
        )
    return package

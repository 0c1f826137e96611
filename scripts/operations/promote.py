"""Copy an approved model to another environment, and approve it there.

    python -m scripts promote --recipe newsgroups-naive-bayes --from staging --to prod

The copy has the same bytes, lineage, and metrics. It is registered as pending, shown, and approved
after your confirmation. To copy to another account, pass profiles of the AWS configuration: promote
reads with one and writes with the other.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, agrees, say
from scripts.account.lineage import LINEAGE, Origin, read_lineage
from scripts.account.model_archives import (
    SHA256,
    VERSION,
    ModelArchive,
    approved_archive,
    check_versioned,
    location_of,
)
from scripts.account.naming import jobs_folder, jobs_prefix, name_in_stack, new_stamp, release_name
from scripts.account.registry import (
    APPROVER,
    REJECTER,
    approval_call,
    check_group,
    deployable_package,
    describe_package,
    list_packages,
    register,
)
from scripts.account.selection import selected_recipe
from scripts.account.stacks import recipe_flags, stack_bucket
from scripts.endpoints.removal import object_calls
from scripts.operations.environments import check_environment

_ORIGIN = "promoted-from"  # in CustomerMetadataProperties: the ARN of the package
# Properties that each package has its own of.
_OWN = (LINEAGE, VERSION, APPROVER, REJECTER, _ORIGIN)

_CONTAINER = ("ContainerHostname", "Image", "Environment")
_TYPES = ("SupportedContentTypes", "SupportedResponseMIMETypes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    group = parser.add_argument_group("where to work")
    for flag, purpose in (("from", "environment to copy from"), ("to", "environment to copy to")):
        group.add_argument(
            f"--{flag}", dest=f"{flag}_stack", required=True, metavar="STACK", help=purpose
        )
        group.add_argument(
            f"--{flag}-profile",
            metavar="PROFILE",
            help=f"AWS profile of the account of --{flag} (default: as for the other commands)",
        )
    group.add_argument("--region", help="AWS region (default: as for the other commands)")
    package = parser.add_argument(
        "--package", metavar="ARN", help="model package (default: the newest approved)"
    )
    command.add_old_flag(parser, "--model-package-arn", package)
    parser.add_argument("--yes", action="store_true", help="approve without asking")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the API calls without making them"
    )


@dataclass(frozen=True)
class _Promotion:
    """A checked package of one environment, and where its archive goes in the other."""

    package: dict[str, Any]
    archive: ModelArchive
    lineage: dict[str, Any]
    uri: str

    @property
    def properties(self) -> dict[str, str]:
        """The properties that the new package has of the old one, whose ARN is among them."""
        properties = self.package["CustomerMetadataProperties"]
        others = {name: value for name, value in properties.items() if name not in _OWN}
        return others | {_ORIGIN: self.package["ModelPackageArn"]}

    def call(self, recipe: Recipe, stack: str) -> Call:
        """Return the call that registers the package as pending, with the same images."""
        specification = self.package["InferenceSpecification"]
        containers = [
            {name: each[name] for name in _CONTAINER if name in each} | {"ModelDataUrl": self.uri}
            for each in specification["Containers"]
        ]
        types = {name: specification[name] for name in _TYPES if name in specification}
        parameters = {
            "ModelPackageGroupName": name_in_stack(stack, recipe.scope),
            "ModelPackageDescription": recipe.summary,
            "InferenceSpecification": {"Containers": containers, **types},
            "ModelApprovalStatus": "PendingManualApproval",
        }
        return Call("sagemaker", "create_model_package", parameters)


def run(arguments: argparse.Namespace) -> Result:
    """Copy, register, and approve the package; return the names."""
    arguments.stack, arguments.profile = arguments.from_stack, arguments.from_profile
    source = connect(arguments)
    check_environment(source, arguments.from_stack)
    recipe = selected_recipe(arguments)
    to = argparse.Namespace(**vars(arguments))
    to.stack, to.profile = arguments.to_stack, arguments.to_profile
    target = connect(to)
    check_environment(target, to.stack)
    _check_places(source, target, arguments)
    promotion = _plan(source, target, recipe, arguments)
    package = promotion.call(recipe, to.stack)
    if arguments.dry_run:
        upload = Call("s3", "upload_fileobj", location_of(promotion.uri))
        return dry_run([upload, package])
    _show(promotion)
    origin = Origin(promotion.properties, promotion.lineage)
    try:
        _copy(source, target, promotion)
        arn = register(target, recipe, to.stack, package, origin)
    except BaseException:
        _remove_copy(target, recipe, to.stack, promotion)
        raise
    approved = arguments.yes or agrees(f"Approve {arn} for deployment in {to.stack}?")
    step = "deploy" if approved else f"approve --package {arn}"
    if approved:
        target.make(approval_call(describe_package(target, arn), "Approved", target.user_arn))
        say(f"{arn} is Approved.")
    return {
        "model_package_arn": arn,
        "approval_status": "Approved" if approved else "PendingManualApproval",
        "promoted_from": promotion.package["ModelPackageArn"],
        "model_artifacts": promotion.uri,
        "sha256": promotion.archive.sha256,
        "next": [f"python -m scripts.{step} {recipe_flags(target, recipe, to.stack)}"],
    }


def _check_places(source: Aws, target: Aws, arguments: argparse.Namespace) -> None:
    if source.region != target.region:
        raise DeploymentError(
            f"--from is in region {source.region} and --to in {target.region}; expected one "
            "region, in which the same container images exist. Pass --region"
        )
    same = source.account_id == target.account_id and source.endpoint_url == target.endpoint_url
    if same and arguments.from_stack == arguments.to_stack:
        raise DeploymentError(
            f"--from and --to are both {arguments.to_stack} in account {target.account_id}; "
            "expected two environments"
        )


def _plan(source: Aws, target: Aws, recipe: Recipe, arguments: argparse.Namespace) -> _Promotion:
    stack = arguments.from_stack
    package = deployable_package(source, stack, recipe, arguments.package)
    archive = approved_archive(source, stack, recipe, package)
    lineage = read_lineage(source, package)
    if not lineage:
        raise DeploymentError(
            f"{package['ModelPackageArn']} was registered by an earlier release, without the "
            "lineage that is carried along. Train and register the model again"
        )
    to = arguments.to_stack
    check_group(target, to, recipe)
    _check_new(target, recipe, to, archive)
    bucket = stack_bucket(target, to)
    check_versioned(target, bucket)
    release = release_name(name_in_stack(to, recipe.scope), new_stamp())
    key = f"{jobs_prefix(jobs_folder(to, recipe))}{release}/output/model.tar.gz"
    return _Promotion(package, archive, lineage, f"s3://{bucket}/{key}")


def _check_new(target: Aws, recipe: Recipe, stack: str, archive: ModelArchive) -> None:
    for package in _packages_of(target, recipe, stack, archive):
        arn, status = package["ModelPackageArn"], package["ModelApprovalStatus"]
        step = "Deploy" if status == "Approved" else "Approve"
        command = f"{step.lower()} {recipe_flags(target, recipe, stack)} --package {arn}"
        raise DeploymentError(
            f"nothing was copied, because {stack} has the model already: version "
            f"{package['ModelPackageVersion']} ({status}), {arn}. {step} it with: "
            f"python -m scripts.{command}"
        )


def _packages_of(
    target: Aws, recipe: Recipe, stack: str, archive: ModelArchive
) -> Iterator[dict[str, Any]]:
    for summary in list_packages(target, stack, recipe):
        package = describe_package(target, summary["ModelPackageArn"])
        if package.get("CustomerMetadataProperties", {}).get(SHA256) == archive.sha256:
            yield package


def _remove_copy(target: Aws, recipe: Recipe, stack: str, promotion: _Promotion) -> None:
    if any(_packages_of(target, recipe, stack, promotion.archive)):
        return
    folder = location_of(f"{promotion.uri.rpartition('/')[0]}/")
    for call in object_calls(target, folder["Bucket"], [folder["Key"]]):
        target.make(call)
        say(f"Removed {promotion.uri}, because the model could not be registered.")


def _show(promotion: _Promotion) -> None:
    lineage, properties = promotion.lineage, promotion.package["CustomerMetadataProperties"]
    mark = f" ({GENERATED})" if lineage.get("generated_sample") else ""
    metrics = {
        name: f"{value:.4f}{mark}"
        for name, value in lineage["metrics"].items()
        if isinstance(value, float)
    }
    rows = [
        ("package", promotion.package["ModelPackageArn"]),
        ("sha256", promotion.archive.sha256),
        ("training job", lineage["training_job_name"] or "trained elsewhere"),
        ("commit", lineage["commit"] or "unknown"),
        ("approved by", properties.get(APPROVER, "unknown")),
        *metrics.items(),
    ]
    say(command.table([(f"  {name}", value) for name, value in rows]))


def _copy(source: Aws, target: Aws, promotion: _Promotion) -> None:
    response = source.make(Call("s3", "get_object", promotion.archive.source))
    place = location_of(promotion.uri)
    with response["Body"] as body:
        target.client("s3").upload_fileobj(body, place["Bucket"], place["Key"])
    say(f"Copied {promotion.archive.uri} to {promotion.uri}.")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

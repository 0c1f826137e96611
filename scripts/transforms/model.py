"""Plan the model that exists while a transform runs."""

import argparse
import json
from typing import Any

from inference_pipeline.content_types import CSV, JSON_LINES, media_type
from newsgroup_classifier.artifacts import MANIFEST
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.model_archives import ModelArchive, approved_archive, read_members
from scripts.account.naming import endpoint_name, name_in_stack
from scripts.account.registry import approved_package, newest_package
from scripts.account.stacks import Foundation, recipe_flags
from scripts.endpoints.live import describe_config, describe_endpoint, package_of
from scripts.endpoints.planning import containers_for
from scripts.endpoints.plans import PACKAGE_TAG, ReleasePlan


def plan_model(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, stamp: str, base: Foundation
) -> ReleasePlan:
    """Return a release without an endpoint, of its package or of the newest approved one.

    Its role differs from that of the endpoint's own model, which cannot write the outputs.
    """
    package = _find_package(aws, recipe, arguments)
    say(f"Using model package {package['ModelPackageArn']}.")
    return ReleasePlan(
        recipe=recipe,
        stamp=stamp,
        package_arn=package["ModelPackageArn"],
        archive=approved_archive(aws, arguments.stack, recipe, package),
        containers=containers_for(aws, recipe, package, arguments.target, arguments.instance_type),
        endpoint_name="",
        instance_type=arguments.instance_type,
        instance_count=arguments.instance_count,
        bucket=base.bucket,
        role_arn=base.transform_role_arn or base.role_arn,
        stack=arguments.stack,
    )


def check_labels(aws: Aws, archive: ModelArchive, accept: str) -> None:
    """Raise DeploymentError for a label with a line end if the outputs are CSV."""
    if media_type(accept) != CSV:
        return
    members = read_members(aws, archive.uri, (MANIFEST,), archive.version_id)
    manifest = members.get(MANIFEST, b"{}")
    for number, name in enumerate(json.loads(manifest).get("label_names", [])):
        if "\n" in name or "\r" in name:
            raise DeploymentError(
                f"the name of label {number} in {archive.uri} has a line end, but a CSV output has "
                f"one line per record; expected --accept {JSON_LINES}. With --join or filters, "
                "write the input as .jsonl files."
            )


def _find_package(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> dict[str, Any]:
    stack = arguments.stack
    name = endpoint_name(name_in_stack(stack, recipe.scope), arguments.target)
    endpoint = describe_endpoint(aws, name)
    if endpoint is None or endpoint["EndpointStatus"] != "InService":
        say(f"Endpoint {name} is not in service.")
        return newest_package(aws, stack, recipe, "Approved")
    arn = package_of(aws, describe_config(aws, endpoint["EndpointConfigName"]) or {})
    if not arn:
        raise DeploymentError(
            f"the model of endpoint {name} has no tag {PACKAGE_TAG}, so its "
            f"approval cannot be checked. Deploy the model with: "
            f"python -m scripts.deploy {recipe_flags(aws, recipe, stack)}"
        )
    return approved_package(aws, stack, recipe, arn)

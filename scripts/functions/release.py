"""Release a model as a Lambda function behind an HTTP API: a stack of infra/lambda.yaml."""

import argparse
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from newsgroup_classifier.errors import DeploymentError, sized
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import Result, say
from scripts.account.naming import ENDPOINT_ONLY, lambda_log_group, lambda_stack_name, new_stamp
from scripts.account.ownership import check_owner
from scripts.account.stacks import (
    find_stack,
    foundation,
    outputs_of,
    parameters_of,
    recipe_flags,
    tags_of,
    wait_for_stack,
)
from scripts.functions.invoke import api_url
from scripts.functions.package import AWS_TARGET, build_package, cache_folder, this_machine
from scripts.functions.plans import FunctionPlan, Upload, named_settings, stack_call, uploads
from scripts.functions.versions import announce_move, check_at_rest
from scripts.releases.alarms import announce_mail
from scripts.releases.stack_changes import (
    COMPLETE,
    ROLLED_BACK,
    check_rolled_back,
    create,
    is_failed_creation,
    update,
)

_ENDING = ("DELETE_IN_PROGRESS", "CLEANUP_IN_PROGRESS")  # which is worth waiting for


def check_recipe(recipe: Recipe) -> None:
    """Raise DeploymentError unless Lambda can serve the recipe."""
    if not recipe.served_by_lambda:
        others = ", ".join(name for name, one in RECIPES.items() if one.served_by_lambda)
        raise DeploymentError(
            f"Lambda does not serve {recipe.name}; it serves {others or 'no recipe'}. "
            f"{ENDPOINT_ONLY}"
        )


@dataclass(frozen=True)
class StackRelease:
    """A planned release of a function's stack."""

    plan: FunctionPlan
    existing: dict[str, Any] | None  # the stack of its name
    previous: dict[str, Any] | None  # the same, if it can be updated
    token: str = field(default_factory=new_stamp)  # of the update, which the stack's events have

    @property
    def call(self) -> Call:
        """The call that creates or updates the stack."""
        return stack_call(self.plan, self.previous)

    def missing(self, aws: Aws) -> list[Upload]:
        """Return the uploads that the bucket does not have."""
        return [one for one in uploads(self.plan) if not is_uploaded(aws, self.plan.bucket, one)]

    def calls(self, aws: Aws) -> list[Call]:
        """Return the calls of the release, as --dry-run prints them."""
        return [*(upload.call(self.plan.bucket) for upload in self.missing(aws)), self.call]


def plan_release(
    aws: Aws, recipe: Recipe, name: str, arguments: argparse.Namespace, **model: Any
) -> StackRelease:
    """Return the release of a stack, and print what an update keeps.

    Raise DeploymentError if the stack belongs to someone else.
    `model` are the members of the plan that lead to the model.
    """
    target = this_machine() if aws.is_local else AWS_TARGET
    stack, previous = find_stack(aws, name), None
    if stack and stack["StackStatus"].endswith(_ENDING) and not arguments.dry_run:
        stack = wait_for_stack(aws, name)
    if stack is not None:
        check_function_stack(stack, arguments.stack)
        previous = stack if is_updatable(aws, stack, recipe, arguments.stack) else None
    plan = FunctionPlan(
        recipe=recipe,
        stack=name,
        bucket=foundation(aws, arguments.stack).bucket,
        code=build_package(target, cache_folder(), numpy="model" in model),
        target=target,
        foundation=arguments.stack,
        named=named_settings(arguments, parameters_of(previous)),
        previous=parameters_of(previous),
        **model,
    )
    if plan.kept:
        listing = ", ".join(f"{key} {value}" for key, value in plan.kept.items())
        say(f"Kept from the stack {name}: {listing}.")
    if plan.warning:
        say(plan.warning)
    return StackRelease(plan, stack, previous)


def make_release(aws: Aws, release: StackRelease) -> Result:
    """Upload what the bucket lacks, create or update the stack, and return its names."""
    plan = release.plan
    upload_missing(aws, release)
    if release.previous:
        progress = partial(announce_move, aws, outputs_of(release.previous)) if plan.shift else str
        update(aws, release.call, release.token, progress)
    else:
        create(aws, release.call, release.existing)
    outputs = stack_outputs(aws, plan.stack)
    announce_mail(aws, plan.named.get("Email"), plan.previous.get("Email", ""))
    say(f"Log group: {lambda_log_group(plan.stack)}")
    return {
        "stack_name": plan.stack,
        "function_name": outputs["FunctionName"],
        "api_url": api_url(aws, outputs["ApiUrl"]),
        "auth": plan.settings["Authorizer"],
    }


def upload_missing(aws: Aws, release: StackRelease) -> None:
    """Upload what the bucket lacks of a release."""
    bucket = release.plan.bucket
    for upload in release.missing(aws):
        query = {"Bucket": bucket, "Key": upload.key, "ChecksumAlgorithm": "SHA256"}
        aws.client("s3").put_object(**query, Body=upload.body)
        say(f"Uploaded s3://{bucket}/{upload.key} ({sized(len(upload.body))}).")


def check_function_stack(stack: dict[str, Any], foundation: str) -> None:
    """Raise DeploymentError unless a function's stack belongs to a foundation stack."""
    remedy = "Choose another --stack, or delete that one in CloudFormation if it is yours."
    check_owner(f"the stack {stack['StackName']}", tags_of(stack), foundation, remedy)


def is_updatable(aws: Aws, stack: dict[str, Any], recipe: Recipe, foundation: str) -> bool:
    """Return whether a stack can be updated; one whose creation failed must be replaced."""
    check_at_rest(aws, stack)
    status, name = stack["StackStatus"], stack["StackName"]
    if status in (*COMPLETE, ROLLED_BACK):
        return True
    check_rolled_back(aws, stack)
    if not is_failed_creation(stack):
        command = f"python -m scripts.delete {recipe_flags(aws, recipe, foundation)}"
        if parameters_of(stack).get("EndpointName"):  # an endpoint that `delete` would delete, too
            command = f"aws cloudformation delete-stack --region {aws.region} --stack-name {name}"
        raise DeploymentError(
            f"the stack {name} is {status}, so it cannot be updated. Delete it with: {command}"
        )
    return False


def is_uploaded(aws: Aws, bucket: str, upload: Upload) -> bool:
    """Return whether the bucket has the object with the same content."""
    query = {"Bucket": bucket, "Key": upload.key, "ChecksumMode": "ENABLED"}
    head = aws.make(Call("s3", "head_object", query), "(404)")
    return head is not None and head.get("ChecksumSHA256") == upload.checksum


def function_outputs(aws: Aws, environment: str, recipe: Recipe) -> dict[str, str]:
    """Return the outputs of a recipe's stack; raise DeploymentError if it is incomplete."""
    flags = recipe_flags(aws, recipe, environment)
    hint = f"Deploy it with: python -m scripts.deploy {flags} --target lambda"
    return stack_outputs(aws, lambda_stack_name(environment, recipe.scope), hint, environment)


def stack_outputs(
    aws: Aws, stack: str, hint: str = "Deploy it again.", environment: str = ""
) -> dict[str, str]:
    """Return the outputs of a stack; raise DeploymentError with a hint if one is missing."""
    description = find_stack(aws, stack)
    if description is None:
        if environment:
            foundation(aws, environment)  # raises if the environment does not exist
        raise DeploymentError(f"there is no stack {stack} in region {aws.region}. {hint}")
    outputs = outputs_of(description)
    missing = [name for name in ("FunctionName", "FunctionAlias", "ApiUrl") if name not in outputs]
    if missing:
        raise DeploymentError(
            f"the stack {stack} ({description['StackStatus']}) has no output "
            f"{' and no '.join(missing)}. {hint}"
        )
    return outputs

"""Release a model as a Lambda function behind an HTTP API: a stack of infra/lambda.yaml."""

import argparse
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import lambda_log_group, lambda_stack_name, new_stamp
from scripts.account.stacks import (
    change_stack,
    find_stack,
    foundation,
    settled_stack,
    stack_failures,
    stack_flag,
)
from scripts.functions.api_address import api_url
from scripts.functions.model import read_lambda_model
from scripts.functions.numpy_layer import AWS_TARGET, this_machine
from scripts.functions.package import build_package, cache_folder
from scripts.functions.plans import FunctionPlan, Upload, stack_call, uploads

_SERVES = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
# Rolled back to what served before.
_SERVES_AS_BEFORE = "UPDATE_ROLLBACK_COMPLETE"


def check_recipe(recipe: Recipe) -> None:
    """Raise DeploymentError for a recipe that has no form for Lambda."""
    if not recipe.served_by_lambda:
        served = ", ".join(name for name, one in RECIPES.items() if one.served_by_lambda)
        raise DeploymentError(
            f"{recipe.name} is not served by Lambda (served: {served or 'none'}). "
            "Deploy it with --target pipeline."
        )


def release_function(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Upload package, model and definition, make the stack, and return its names."""
    target = this_machine() if aws.is_local else AWS_TARGET
    plan = FunctionPlan(
        recipe=recipe.name,
        stack=lambda_stack_name(arguments.stack, recipe.name),
        bucket=foundation(aws, arguments.stack).bucket,
        code=build_package(target, cache_folder()),
        model=read_lambda_model(aws, package),
        target=target,
        memory=arguments.memory,
        concurrency=arguments.concurrency,
        rate=arguments.rate,
        burst=arguments.burst,
    )
    found = (find_stack if arguments.dry_run else settled_stack)(aws, plan.stack)
    exists = found is not None and serves(found, plan.recipe)
    call = stack_call(plan, exists)
    new = [upload for upload in uploads(plan) if not _is_there(aws, plan.bucket, upload)]
    if arguments.dry_run:
        return dry_run([*(upload.call(plan.bucket) for upload in new), call])
    confirm(aws, arguments.yes, f"This deploys the stack {plan.stack} (a function, an HTTP API)")
    for upload in new:
        _put(aws, plan.bucket, upload)
    if exists:
        _update(aws, call)
    else:
        if found is not None:
            _remove(aws, plan.stack)
        create(aws, call)
    outputs = _outputs(aws, plan)
    say(f"Its log: {lambda_log_group(plan.stack)}")
    return outputs | {"model_package_arn": package["ModelPackageArn"]}


def serves(found: dict[str, Any], recipe: str) -> bool:
    """Tell whether a stack can be updated; one that was never made whole has to go first."""
    stack, status = found["StackName"], found["StackStatus"]
    if status in (*_SERVES, _SERVES_AS_BEFORE):
        return True
    if status not in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        raise DeploymentError(
            f"the stack {stack} is {status}; expected one that serves. Delete it with: "
            f"python -m scripts.delete --recipe {recipe}"
        )
    return False


def _is_there(aws: Aws, bucket: str, upload: Upload) -> bool:
    """Tell whether an object was uploaded whole already."""
    client = aws.client("s3")
    try:
        found = client.head_object(Bucket=bucket, Key=upload.key)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey", "NotFound"):
            raise
        return False
    size: int = found["ContentLength"]
    return size == len(upload.body)


def _put(aws: Aws, bucket: str, upload: Upload) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key=upload.key, Body=upload.body)
    say(f"Uploaded s3://{bucket}/{upload.key} ({len(upload.body) / 1e6:.1f} MB).")


def create(aws: Aws, call: Call) -> None:
    """Make the stack; if that fails or is interrupted, nothing of it stays."""
    stack = call.parameters["StackName"]
    # By the token AWS knows a call that is sent again because its answer was lost.
    token = {"ClientRequestToken": new_stamp()}
    try:
        aws.make(Call(call.service, call.operation, call.parameters | token))
        found = settled_stack(aws, stack)
        if found is None:
            raise DeploymentError(f"the stack {stack} was deleted while it was made")
        if found["StackStatus"] not in _SERVES:
            reason = stack_failures(aws, stack)
            raise DeploymentError(f"the stack {stack} could not be made: {reason}")
    except aws.client(call.service).exceptions.AlreadyExistsException as error:
        raise DeploymentError(
            f"somebody else made the stack {stack} meanwhile, so it stays; deploy again"
        ) from error
    except BaseException:
        say("The release did not succeed; what it made is removed.")
        _remove(aws, stack)
        raise


def _update(aws: Aws, call: Call) -> None:
    """Move the stack to the new release; CloudFormation itself rolls back what fails."""
    stack = call.parameters["StackName"]
    if not change_stack(aws, call):
        return
    try:
        found = settled_stack(aws, stack)
    except KeyboardInterrupt:
        say(f"The update of the stack {stack} goes on without this script.")
        raise
    if found is None or found["StackStatus"] not in _SERVES:
        status = found["StackStatus"] if found else "gone"
        kept = " It serves on as it was." if status == _SERVES_AS_BEFORE else ""
        raise DeploymentError(
            f"the stack {stack} could not be updated ({status}): {stack_failures(aws, stack)}{kept}"
        )


def _remove(aws: Aws, stack: str) -> None:
    """Delete a stack and wait; one that is on its way is waited for first."""
    if settled_stack(aws, stack) is None:
        return
    aws.make(Call("cloudformation", "delete_stack", {"StackName": stack}))
    left = settled_stack(aws, stack)
    if left is not None:
        raise DeploymentError(
            f"the stack {stack} could not be removed ({left['StackStatus']}): "
            f"{stack_failures(aws, stack)}"
        )


def _outputs(aws: Aws, plan: FunctionPlan) -> Result:
    found = function_outputs(aws, plan.stack, plan.recipe)
    return {
        "stack_name": plan.stack,
        "function_name": found["FunctionName"],
        "api_url": api_url(aws, found["ApiUrl"]),
    }


def function_outputs(aws: Aws, stack: str, recipe: str) -> dict[str, str]:
    """Return the outputs of a recipe's stack; raise DeploymentError if it is not there or whole."""
    found = find_stack(aws, stack)
    mend = f"Make it with: python -m scripts.deploy --recipe {recipe} --target lambda"
    mend += stack_flag(stack.removesuffix(f"-{recipe}"))
    if found is None:
        raise DeploymentError(f"there is no stack {stack} in region {aws.region}. {mend}")
    outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
    missing = [name for name in ("FunctionName", "FunctionAlias", "ApiUrl") if name not in outputs]
    if missing:
        raise DeploymentError(
            f"the stack {stack} ({found['StackStatus']}) puts out no {', no '.join(missing)}. "
            f"{mend}"
        )
    return outputs

"""Release a function: with the Lambda model of a package, or in front of an endpoint.

The model is asked before an update sends it calls. In front of an endpoint, the stack of
infra/lambda.yaml is an HTTP API without a model of its own.
"""

import argparse
import hashlib
import json
from typing import Any

from newsgroup_classifier.artifacts import LAMBDA_MODEL, MANIFEST
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.model_archives import ModelArchive, approved_archive, read_members
from scripts.account.naming import (
    ENDPOINT_ONLY,
    PIPELINE,
    api_stack_name,
    endpoint_name,
    lambda_stack_name,
    name_in_stack,
)
from scripts.account.ownership import fault_of
from scripts.account.stacks import find_stack, recipe_flags, tags_of
from scripts.functions.release import (
    StackRelease,
    function_outputs,
    make_release,
    plan_release,
    stack_outputs,
)
from scripts.functions.staging import is_new, is_staged, restore, stage, staged_call
from scripts.functions.versions import (
    check_not_rolled_back,
    check_shift,
    history_call,
    live_alias,
    serve,
    shift_parameters,
    stack_version,
    take_back,
)
from scripts.releases.smoke import Smoke, ask_function, smoke_of
from scripts.releases.stack_changes import remove_again


def release_function(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Upload package, model and definition, create the stack, and return its names."""
    shift = shift_parameters(arguments)
    name = lambda_stack_name(arguments.stack, recipe.scope)
    archive = approved_archive(aws, arguments.stack, recipe, package)
    model = {"model": read_lambda_model(aws, archive), "package": package["ModelPackageArn"]}
    release = plan_release(aws, recipe, name, arguments, shift=shift, **model)
    if shift:
        check_shift(aws, shift, name if release.previous else "")
        check_not_rolled_back(aws, name, stack_outputs(aws, name))
    smoke = smoke_of(aws, package, recipe, arguments.smoke_seconds)
    if arguments.dry_run:
        kept = release.plan.kept
        return dry_run(_planned_calls(aws, release, smoke)) | ({"kept": kept} if kept else {})
    confirm(aws, arguments.yes, f"This deploys the stack {name} (a function, an HTTP API)")
    result = publish(aws, release, smoke)
    return result | {"model_package_arn": package["ModelPackageArn"]}


def publish(aws: Aws, release: StackRelease, smoke: Smoke) -> Result:
    """Make a release and ask it; return its names, or keep the release that serves if it fails."""
    if release.previous:
        return _make_next(aws, release, smoke)
    result = make_release(aws, release)
    try:
        alias = live_alias(aws, stack_outputs(aws, release.plan.stack))
        ask_function(aws, alias.function, alias.version, smoke)
    except BaseException:
        remove_again(aws, release.plan.stack, lambda: release.plan.stack)
        raise
    return result


def _planned_calls(aws: Aws, release: StackRelease, smoke: Smoke) -> list[Call]:
    *before, last = release.calls(aws)
    if is_staged(release, smoke):
        before.append(staged_call(release))
    if release.previous:
        alias = live_alias(aws, stack_outputs(aws, release.plan.stack))
        before.append(history_call(aws, alias))
    return [*before, last]


def _make_next(aws: Aws, release: StackRelease, smoke: Smoke) -> Result:
    """Ask the new release, then publish it; keep the version that serves if that fails."""
    outputs = stack_outputs(aws, release.plan.stack)
    if not is_new(release):
        moves = ", and no calls are moved in shares" if release.plan.shift else ""
        say(
            f"The stack {release.plan.stack} has this release of the model already, so no new "
            f"version of the function is published{moves}."
        )
    staged = is_staged(release, smoke)
    if staged:
        stage(aws, release, outputs["FunctionName"], smoke)
    try:
        return _update(aws, release, outputs, Smoke(None) if staged else smoke)
    except Exception:
        if staged:
            restore(aws, release)
        raise


def _update(aws: Aws, release: StackRelease, outputs: dict[str, str], smoke: Smoke) -> Result:
    """Update the stack, and make the alias serve its version; return to the one before if not."""
    before = live_alias(aws, outputs)
    aws.make(history_call(aws, before))
    try:
        result = make_release(aws, release)
        named = stack_version(aws, release.plan.stack)
        if before.version != named:  # a rollback had left it, unless the update published it
            ask_function(aws, before.function, named, smoke)
        serve(aws, outputs, named)
    except Exception:
        take_back(aws, release.plan.stack, release.token, outputs, before.version)
        raise
    return result


def read_lambda_model(aws: Aws, archive: ModelArchive) -> bytes:
    """Return the Lambda model of an archive; raise DeploymentError if it is missing or modified."""
    uri = archive.uri
    members = read_members(aws, uri, (MANIFEST, LAMBDA_MODEL), archive.version_id)
    model = members.get(LAMBDA_MODEL)
    try:
        manifest = json.loads(members.get(MANIFEST, b"{}"))
        reason = manifest.get("not_for_lambda")
        expected = manifest.get("files", {}).get(LAMBDA_MODEL)
    except (ValueError, AttributeError):
        reason = expected = None
    if reason:
        raise DeploymentError(
            f"Lambda does not serve the model of {uri}: {reason}. {ENDPOINT_ONLY}"
        )
    if model is None:
        raise DeploymentError(
            f"{uri} has no {LAMBDA_MODEL}; expected the archive of a recipe that Lambda serves. "
            "Train the model again."
        )
    digest = hashlib.sha256(model).hexdigest()
    if digest != expected:
        raise DeploymentError(
            f"{LAMBDA_MODEL} in {uri} was modified: its sha256 is {digest}, expected {expected} "
            f"as in {MANIFEST}. Train the model again."
        )
    return model


def check_api(recipe: Recipe, target: str) -> None:
    """Raise DeploymentError unless an HTTP API can serve the endpoint of a recipe."""
    if recipe.inputs != "texts":
        raise DeploymentError(
            f"recipe {recipe.name} classifies {recipe.inputs}, and the HTTP API takes texts only; "
            f"deploy it without --with-api, and invoke it with --target {PIPELINE}"
        )
    if target != PIPELINE:
        raise DeploymentError(
            f"--with-api is for --target {PIPELINE}, whose responses have the labels that the HTTP "
            f"API returns; the target is {target}"
        )


def plan_api(
    aws: Aws, recipe: Recipe, endpoint: str, sha256: str, arguments: argparse.Namespace
) -> StackRelease | None:
    """Return the release of the API that a flag asks for or that an endpoint has, or None."""
    name = api_stack_name(endpoint)
    if not arguments.with_api:
        stack = find_stack(aws, name)
        if stack is None or fault_of(tags_of(stack), arguments.stack):
            return None
        say(f"Kept: the HTTP API in front of endpoint {endpoint} (stack {name}).")
    check_api(recipe, arguments.target)
    return plan_release(aws, recipe, name, arguments, endpoint=endpoint, sha256=sha256)


def release_api(aws: Aws, release: StackRelease) -> Result:
    """Create or update the stack of an endpoint that already serves, and return its names."""
    try:
        return make_release(aws, release)
    except BaseException:
        say(
            f"Endpoint {release.plan.endpoint} serves the model, but its HTTP API was not "
            "released. To try again, repeat the command."
        )
        raise


def api_outputs(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> dict[str, str]:
    """Return the outputs of the stack whose HTTP API a recipe's requests go to.

    That is the API of the endpoint that a flag names; else that of the recipe's function; else that
    of its endpoint. Raise DeploymentError if there is none.
    """
    foundation, named = arguments.stack, arguments.endpoint_name
    endpoint = named or endpoint_name(name_in_stack(foundation, recipe.scope), PIPELINE)
    if recipe.served_by_lambda and not named:
        api = find_stack(aws, api_stack_name(endpoint))
        function = find_stack(aws, lambda_stack_name(foundation, recipe.scope))
        if function and api:
            say(
                f"Invoking the HTTP API of the function. That of endpoint {endpoint} needs: "
                f"--endpoint-name {endpoint}"
            )
        if function or not api:
            return function_outputs(aws, foundation, recipe)
    flags = recipe_flags(aws, recipe, foundation) + (f" --endpoint-name {named}" if named else "")
    hint = f"Deploy it with: python -m scripts.deploy {flags} --with-api"
    return stack_outputs(aws, api_stack_name(endpoint), hint, foundation)

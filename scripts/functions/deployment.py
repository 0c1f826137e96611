"""Release the Lambda model of a package, and ask it before an update sends it calls."""

import argparse
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.model_archives import approved_archive
from scripts.account.naming import lambda_stack_name
from scripts.account.stacks import remove_stack
from scripts.functions.model import read_lambda_model
from scripts.functions.release import StackRelease, make_release, plan_release, stack_outputs
from scripts.functions.shift import check_shift, shift_parameters
from scripts.functions.staging import is_staged, restore, stage, staged_call
from scripts.functions.versions import check_not_rolled_back, live_alias, newest_version, serve
from scripts.releases.alarms import check_alarms
from scripts.releases.smoke import Smoke, ask_function, smoke_of


def release_function(
    aws: Aws, recipe: Recipe, package: dict[str, Any], arguments: argparse.Namespace
) -> Result:
    """Upload package, model and definition, create the stack, and return its names."""
    shift = shift_parameters(arguments)
    name = lambda_stack_name(arguments.stack, recipe.scope)
    archive = approved_archive(aws, arguments.stack, recipe, package)
    model = {"model": read_lambda_model(aws, archive), "package": package["ModelPackageArn"]}
    if shift.get("ShiftAlarm"):
        check_alarms(aws, [shift["ShiftAlarm"]])
    release = plan_release(aws, recipe, name, arguments, shift=shift, **model)
    check_shift(shift, release.previous is not None)
    if shift:
        check_not_rolled_back(aws, stack_outputs(aws, name, "Deploy it again."))
    smoke = smoke_of(aws, package, recipe, arguments.smoke_seconds)
    if arguments.dry_run:
        kept, calls = release.plan.kept, release.calls(aws)
        staged = [staged_call(release)] if is_staged(release, smoke) else []
        return dry_run([*calls[:-1], *staged, calls[-1]]) | ({"kept": kept} if kept else {})
    confirm(aws, arguments.yes, f"This deploys the stack {name} (a function, an HTTP API)")
    make = _make_next if release.previous else _make_first
    result = make(aws, release, smoke)
    return result | {"model_package_arn": package["ModelPackageArn"]}


def _make_first(aws: Aws, release: StackRelease, smoke: Smoke) -> Result:
    """Create the stack, and ask its version; remove it if that fails."""
    result = make_release(aws, release)
    try:
        alias = live_alias(aws, stack_outputs(aws, release.plan.stack, "Deploy it again."))
        ask_function(aws, alias.function, alias.version, smoke)
    except BaseException:
        say("The release did not complete; removing what it created.")
        remove_stack(aws, release.plan.stack)
        raise
    return result


def _make_next(aws: Aws, release: StackRelease, smoke: Smoke) -> Result:
    """Ask the new release, then update the stack; keep the version that serves if that fails.

    An update that Ctrl-C leaves in progress goes on.
    """
    staged = is_staged(release, smoke)
    outputs = stack_outputs(aws, release.plan.stack, "Deploy it again.")
    before = live_alias(aws, outputs)
    if staged:
        stage(aws, release, before.function, smoke)
    try:
        result = make_release(aws, release)
        newest = newest_version(aws, before.function)
        if not staged and before.version != newest:  # a rollback had left it
            ask_function(aws, before.function, newest, smoke)
    except DeploymentError:
        serve(aws, outputs, before.version)
        if staged:
            restore(aws, release)
        raise
    serve(aws, outputs, newest)
    return result

"""Release the Lambda model of a package, and ask the new version before it is trusted."""

import argparse
from typing import Any

from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws, confirm, dry_run
from scripts.account.command import Result, say
from scripts.account.model_archives import approved_archive
from scripts.account.naming import lambda_stack_name
from scripts.account.stacks import remove_stack
from scripts.functions.model import read_lambda_model
from scripts.functions.release import StackRelease, make_release, plan_release, stack_outputs
from scripts.functions.shift import check_shift, shift_parameters
from scripts.functions.versions import check_newest, live_alias
from scripts.releases.alarms import check_alarms
from scripts.releases.smoke import Smoke, smoke_of


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
    if arguments.dry_run:
        kept = release.plan.kept
        return dry_run(release.calls(aws)) | ({"kept": kept} if kept else {})
    confirm(aws, arguments.yes, f"This deploys the stack {name} (a function, an HTTP API)")
    smoke = smoke_of(aws, package, recipe, arguments.smoke_seconds)
    result = _make_checked(aws, release, smoke)
    return result | {"model_package_arn": package["ModelPackageArn"]}


def _make_checked(aws: Aws, release: StackRelease, smoke: Smoke) -> Result:
    """Make a release whose new version answers the smoke request; undo it if it does not."""
    name, before = release.plan.stack, None
    if release.previous:
        before = live_alias(aws, stack_outputs(aws, name, "Deploy it again.")).version
    result = make_release(aws, release)
    try:
        check_newest(aws, stack_outputs(aws, name, "Deploy it again."), smoke, before)
    except BaseException:
        if release.previous is None:
            say("The release did not complete; removing what it created.")
            remove_stack(aws, name)
        raise
    return result

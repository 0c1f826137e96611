"""Train a recipe with a SageMaker training job and register the model.

python -m scripts.train --recipe newsgroups-naive-bayes --approve
"""

import argparse
import sys

from scripts.account import command
from scripts.account.aws import Aws, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.registry import check_group, group_call, plan_package, register
from scripts.account.selection import Recipe, selected_recipe
from scripts.jobs.data_versions import DataVersions, add_overrides, mark_of, version_of
from scripts.jobs.earlier_job import plan_again, plan_of_job
from scripts.jobs.output import (
    add_plots_argument,
    copy_plots,
    make_folder,
    origin_of,
    read_job_output,
    show_output,
)
from scripts.jobs.training_flags import (
    add_hyperparameter_arguments,
    add_job_arguments,
    check_job_arguments,
    epilog,
    read_hyperparameters,
    registration_command,
    resume_command,
)
from scripts.jobs.training_job import announce_start, prepare, run_job, wait_for_job
from scripts.jobs.training_plans import TrainingPlan, plan_training, training_call, upload_call


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    add_hyperparameter_arguments(parser)
    parser.add_argument(
        "--like",
        metavar="ARN",
        help="model package to train again, with the code, data, and hyperparameters of its job",
    )
    parser.add_argument(
        "--job",
        metavar="NAME",
        help="job that was started earlier, to wait for it and register its model",
    )
    parser.add_argument("--approve", action="store_true", help="approve the model for deployment")
    add_job_arguments(parser)
    add_plots_argument(parser, "folder to copy the job's plots to")
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Run the job, register its model, and return names, metrics and addresses."""
    recipe = selected_recipe(arguments, file_needed=True)
    aws, plan = _plan(recipe, arguments)
    check_group(aws, arguments.stack, recipe)
    package = plan_package(aws, recipe, plan.model_uri, arguments.approve, arguments.stack)
    if arguments.dry_run:
        group = group_call(recipe, arguments.stack)
        calls = [] if arguments.job else [upload_call(plan.code_uri), training_call(plan)]
        return dry_run([*calls, group, package])
    data = DataVersions(aws, recipe, arguments.stack, plan.foundation.bucket)
    source = data.source(plan.channel_keys)
    mark = mark_of(source)
    if arguments.plots:
        make_folder(arguments.plots)
    registration = registration_command(aws, plan, arguments.approve)
    if arguments.job:
        try:
            wait_for_job(aws, plan, mark)
        except KeyboardInterrupt:
            say(f"Training job {plan.job_name} goes on.")
            raise
    else:
        count = f"{plan.instance_count} x " if plan.instance_count > 1 else ""
        confirm(aws, arguments.yes, f"This runs a training job on {count}{plan.instance_type}")
        prepare(aws, plan)
        if arguments.checkpoints:
            announce_start(aws, plan)
        run_job(aws, plan, mark, resume_command(plan, arguments), registration)
    try:
        output = read_job_output(aws, plan.model_uri)
        origin = origin_of(aws, plan, output, plan.job_name)
        package_arn = register(aws, recipe, arguments.stack, package, origin)
    except BaseException:
        say(f"The job completed. To register its model: {registration}")
        raise
    if arguments.plots:
        copy_plots(output, arguments.plots)
    show_output(output, recipe.inputs, mark, arguments.plots)
    return {
        "training_job_name": plan.job_name,
        "model_artifacts": plan.model_uri,
        "model_package_arn": package_arn,
        "approval_status": package.parameters["ModelApprovalStatus"],
        "metrics": output.metrics,
        "warnings": output.warnings,
        "plots": list(output.plots),
        "pictures": list(output.plots),
        "output": output.uri,
        "data": source,
        "data_version": version_of(plan.channel_keys),
    }


def _plan(recipe: Recipe, arguments: argparse.Namespace) -> tuple[Aws, TrainingPlan]:
    if arguments.job or arguments.like:
        aws = connect(arguments)
        plan_earlier = plan_of_job if arguments.job else plan_again
        return aws, plan_earlier(aws, recipe, arguments)
    hyperparameters = read_hyperparameters(recipe, arguments)
    check_job_arguments(recipe, arguments)
    aws = connect(arguments)
    if add_overrides(aws, recipe, arguments):
        hyperparameters = read_hyperparameters(recipe, arguments)
    return aws, plan_training(aws, recipe, hyperparameters, arguments)


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run, epilog=epilog))

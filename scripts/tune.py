"""Search the hyperparameters of a recipe with a SageMaker tuning job; register the best model.

python -m scripts.tune --recipe newsgroups-naive-bayes --strategy grid --approve
"""

import argparse
import sys

from scripts.account import command
from scripts.account.aws import confirm, connect, dry_run
from scripts.account.command import Result
from scripts.account.naming import name_in_stack, new_tuning_name
from scripts.account.registry import check_group, group_call, plan_package, register
from scripts.account.selection import selected_recipe
from scripts.jobs.data_versions import DataVersions, add_overrides, mark_of, version_of
from scripts.jobs.output import origin_of, read_job_output, show_warnings
from scripts.jobs.training_flags import epilog
from scripts.jobs.training_job import prepare
from scripts.jobs.training_plans import plan_training, upload_call
from scripts.jobs.tuning_flags import add_tuning_arguments, read_search
from scripts.jobs.tuning_job import (
    OBJECTIVE,
    announce_best,
    check_parents,
    objective_of,
    pace,
    run_tuning,
)
from scripts.jobs.tuning_plans import tuning_call


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    add_tuning_arguments(parser)
    parser.add_argument("--approve", action="store_true", help="approve the best model")
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Run the search, register the best model, and return the results of all training jobs."""
    recipe = selected_recipe(arguments, file_needed=True)
    search = read_search(recipe, arguments)
    aws = connect(arguments)
    if add_overrides(aws, recipe, arguments):
        search = read_search(recipe, arguments)
    training = plan_training(aws, recipe, search.hyperparameters, arguments)
    check_group(aws, arguments.stack, recipe)
    tuning_name = new_tuning_name(name_in_stack(arguments.stack, recipe.scope))
    call = tuning_call(tuning_name, training, search)
    if arguments.dry_run:
        uri = f"{training.output_path}/BEST-TRAINING-JOB/output/model.tar.gz"
        package = plan_package(aws, recipe, uri, arguments.approve, arguments.stack)
        group = group_call(recipe, arguments.stack)
        return dry_run([upload_call(training.code_uri), call, group, package])
    check_parents(aws, search.parents)
    bucket, keys = training.foundation.bucket, training.channel_keys
    source = DataVersions(aws, recipe, arguments.stack, bucket).source(keys)
    confirm(aws, arguments.yes, f"This runs {pace(search)}, each on {training.instance_type}")
    prepare(aws, training)
    job, trials = run_tuning(aws, call, search, mark_of(source))
    best = job["BestTrainingJob"]
    name = best["TrainingJobName"]
    description = aws.client("sagemaker").describe_training_job(TrainingJobName=name)
    uri = description["ModelArtifacts"]["S3ModelArtifacts"]
    package = plan_package(aws, recipe, uri, arguments.approve, arguments.stack)
    output = read_job_output(aws, uri)
    origin = origin_of(aws, training, output, name, best["TunedHyperParameters"])
    arn = register(aws, recipe, arguments.stack, package, origin)
    announce_best(job)
    show_warnings(output)
    return {
        "tuning_job_name": tuning_name,
        "best_training_job": name,
        "hyperparameters": best["TunedHyperParameters"],
        "objective": {"name": OBJECTIVE, "value": objective_of(best)},
        "counters": job["TrainingJobStatusCounters"],
        "model_artifacts": uri,
        "model_package_arn": arn,
        "approval_status": package.parameters["ModelApprovalStatus"],
        "metrics": output.metrics,
        "warnings": output.warnings,
        "trials": [
            {
                "training_job_name": trial["TrainingJobName"],
                "objective": objective_of(trial),
                "hyperparameters": trial["TunedHyperParameters"],
            }
            for trial in trials
        ],
        "data": source,
        "data_version": version_of(keys),
    }


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run, epilog=epilog))

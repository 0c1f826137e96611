"""Search the hyperparameters of a recipe by a SageMaker tuning job; register the best model.

python -m scripts.tune --recipe newsgroups-naive-bayes --strategy grid --approve
"""

import argparse
import sys

from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.container_images import serving_image, training_image
from scripts.account.model_archive import check_model
from scripts.account.naming import new_stamp, new_tuning_name
from scripts.account.registration import register
from scripts.account.stacks import foundation
from scripts.endpoints.plans import group_call, package_call
from scripts.jobs.bundles import bundle_key, pack_sources
from scripts.jobs.output import read_job_output
from scripts.jobs.tensorflow_setup import ensure_tensorflow
from scripts.jobs.training_flags import describe_hyperparameters
from scripts.jobs.training_plans import INSTANCE_TYPES, TrainingPlan
from scripts.jobs.tuning_flags import Search, add_tuning_arguments, read_search
from scripts.jobs.tuning_job import check_parents, objective_of, run_tuning, settings
from scripts.jobs.tuning_plans import TuningPlan, tuning_call
from scripts.train import parse_settings
from scripts.upload_data import channel_uris, data_source, mark_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    parser.epilog = describe_hyperparameters(sys.argv[1:])
    command.add_recipe_argument(parser)
    add_tuning_arguments(parser)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help="a hyperparameter that does not vary; repeat for several",
    )
    parser.add_argument("--approve", action="store_true", help="approve the best model")
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Run the search, register the best model, and return what was found."""
    recipe = find_recipe(arguments.recipe)
    search = read_search(recipe, parse_settings(arguments.settings), arguments)
    aws = connect(arguments)
    base = foundation(aws, arguments.stack)
    bundle = pack_sources(recipe.packages)
    code_key = bundle_key(bundle)
    training = TrainingPlan(
        recipe=recipe,
        stamp=new_stamp(),
        image=training_image(aws, recipe.framework),
        instance_type=arguments.instance_type or INSTANCE_TYPES[recipe.framework],
        hyperparameters=search.values,
        code_uri=f"s3://{base.bucket}/{code_key}",
        channel_uris=channel_uris(recipe, base.bucket, search.values),
        foundation=base,
    )
    plan = _plan(training, search, arguments)
    if arguments.dry_run:
        put = Call("s3", "put_object", {"Bucket": base.bucket, "Key": code_key})
        uri = f"{plan.training.output_path}/BEST-TRAINING-JOB/output/model.tar.gz"
        package = _package(aws, recipe, uri, arguments.approve)
        return dry_run([put, tuning_call(plan), group_call(recipe), package])
    check_parents(aws, plan.parents)
    source = data_source(aws, recipe, base.bucket, search.values, arguments.stack)
    confirm(
        aws,
        arguments.yes,
        f"This runs {plan.jobs} training jobs, {plan.parallel} at once, each on "
        f"{plan.training.instance_type}",
    )
    ensure_tensorflow(aws, recipe)
    aws.client("s3").put_object(Bucket=base.bucket, Key=code_key, Body=bundle)
    found, ranked = run_tuning(aws, plan, mark_of(source))
    return _registered(aws, recipe, found, arguments.approve) | {
        "trials": [
            {
                "training_job_name": trial["TrainingJobName"],
                "objective": objective_of(trial),
                "hyperparameters": trial["TunedHyperParameters"],
            }
            for trial in ranked
        ],
        "data": source,
    }


def _plan(training: TrainingPlan, search: Search, arguments: argparse.Namespace) -> TuningPlan:
    return TuningPlan(
        name=new_tuning_name(training.recipe.name),
        training=training,
        space=search.space,
        strategy=arguments.strategy,
        jobs=search.jobs,
        parallel=min(arguments.parallel, search.jobs),
        early_stopping=arguments.early_stopping,
        parents=tuple(arguments.warm_start),
        transfer=arguments.transfer,
        stop_at=arguments.stop_at,
    )


def _package(aws: Aws, recipe: Recipe, model_uri: str, approve: bool) -> Call:
    images = {kind: serving_image(aws, kind) for kind in {stage.image for stage in recipe.stages}}
    return package_call(recipe, images, model_uri, approve)


def _registered(aws: Aws, recipe: Recipe, found: Result, approve: bool) -> Result:
    """Check and register the model of the best training job; return what it is."""
    best = found["BestTrainingJob"]
    name = best["TrainingJobName"]
    job = aws.client("sagemaker").describe_training_job(TrainingJobName=name)
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    check_model(aws, uri)
    package = _package(aws, recipe, uri, approve)
    output = read_job_output(aws, uri)
    say(f"The best is {name}: {OBJECTIVE} {objective_of(best):.4f} with {settings(best)}.")
    _tell_better_parent(found)
    return {
        "tuning_job_name": found["HyperParameterTuningJobName"],
        "best_training_job": name,
        "hyperparameters": best["TunedHyperParameters"],
        "objective": {"name": OBJECTIVE, "value": objective_of(best)},
        "counters": found["TrainingJobStatusCounters"],
        "model_artifacts": uri,
        "model_package_arn": register(aws, recipe, package),
        "approval_status": package.parameters["ModelApprovalStatus"],
        "metrics": output.metrics,
    }


def _tell_better_parent(found: Result) -> None:
    """Say so where a tuning job that this one started from has the better model."""
    overall = found.get("OverallBestTrainingJob")
    if overall and overall["TrainingJobName"] != found["BestTrainingJob"]["TrainingJobName"]:
        say(
            f"{overall['TrainingJobName']} of an earlier tuning job was better: "
            f"{objective_of(overall):.4f} with {settings(overall)}."
        )


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

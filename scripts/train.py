"""Train a recipe by a SageMaker training job and register the model.

python -m scripts.train --recipe newsgroups-naive-bayes --set alpha=0.01 --approve
"""

import argparse
import sys
from pathlib import Path

from newsgroup_classifier.agreement import check_agreement
from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Value, parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe, preset_values
from newsgroup_classifier.training.search.table import table_lines
from scripts.account import command
from scripts.account.aws import Call, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.container_images import serving_image, training_image
from scripts.account.model_archive import check_model
from scripts.account.naming import new_stamp
from scripts.account.registration import register
from scripts.account.stacks import foundation
from scripts.endpoints.plans import group_call, package_call
from scripts.jobs.bundles import bundle_key, pack_sources
from scripts.jobs.kept_checkpoints import tell_start
from scripts.jobs.output import JobOutput, copy_pictures, make_folder, read_job_output
from scripts.jobs.tensorflow_setup import ensure_tensorflow
from scripts.jobs.training_flags import (
    add_job_arguments,
    again_command,
    check_count,
    checkpoints_of,
    describe_hyperparameters,
    reading_of,
)
from scripts.jobs.training_job import run_job
from scripts.jobs.training_plans import INSTANCE_TYPES, TrainingPlan, training_call
from scripts.upload_data import channel_uris, data_source, mark_of

_TOP = 5  # candidates of a search that are shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    parser.epilog = describe_hyperparameters(sys.argv[1:])
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help="a hyperparameter, such as alpha=0.01; repeat for several",
    )
    parser.add_argument(
        "--setting",
        metavar="NAME",
        help="a named set of hyperparameters, such as seed or tuned; --set changes single ones",
    )
    parser.add_argument("--approve", action="store_true", help="approve the model for deployment")
    add_job_arguments(parser)
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="copy the pictures of the job to a folder"
    )
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def parse_settings(settings: list[str]) -> dict[str, str]:
    """Return name and text of each NAME=VALUE; raise HyperparameterError for another form."""
    pairs = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise HyperparameterError(f"--set {setting!r} is not of the form NAME=VALUE")
        if name in pairs:
            raise HyperparameterError(f"hyperparameter {name} is set twice")
        pairs[name] = value
    return pairs


def _hyperparameters(recipe: Recipe, arguments: argparse.Namespace) -> dict[str, Value]:
    """Return the values of --setting, or the defaults, with those of --set in their place."""
    given = parse_settings(arguments.settings)
    given |= reading_of(recipe, arguments.input_mode, given)
    values = parse_hyperparameters(given, recipe.hyperparameters)
    if arguments.setting is not None:
        chosen = {name: values[name] for name in given}
        values = preset_values(recipe, arguments.setting) | chosen
    check_agreement(recipe, values)
    return values


def run(arguments: argparse.Namespace) -> Result:
    """Run the job, register its model, and return names, metrics and addresses."""
    recipe = find_recipe(arguments.recipe)
    values = _hyperparameters(recipe, arguments)
    aws = connect(arguments)
    base = foundation(aws, arguments.stack)
    bundle = pack_sources(recipe.packages)
    code_key = bundle_key(bundle)
    stamp = new_stamp()
    plan = TrainingPlan(
        recipe=recipe,
        stamp=stamp,
        image=training_image(aws, recipe.framework),
        instance_type=arguments.instance_type or INSTANCE_TYPES[recipe.framework],
        hyperparameters=values,
        code_uri=f"s3://{base.bucket}/{code_key}",
        channel_uris=channel_uris(recipe, base.bucket, values),
        foundation=base,
        instance_count=arguments.instance_count,
        checkpoints=checkpoints_of(recipe, arguments, stamp),
        spot=arguments.spot,
        input_mode=arguments.input_mode,
    )
    check_count(aws, plan.instance_count)
    kinds = {stage.image for stage in recipe.stages}
    images = {kind: serving_image(aws, kind) for kind in kinds}
    package = package_call(recipe, images, plan.model_uri, arguments.approve)
    if arguments.dry_run:
        put = Call("s3", "put_object", {"Bucket": base.bucket, "Key": code_key})
        return dry_run([put, training_call(plan), group_call(recipe), package])
    source = data_source(aws, recipe, base.bucket, values, arguments.stack)
    count = f"{plan.instance_count} x " if plan.instance_count > 1 else ""
    confirm(aws, arguments.yes, f"This runs a training job on {count}{plan.instance_type}")
    if arguments.pictures:
        make_folder(arguments.pictures)
    ensure_tensorflow(aws, recipe)
    if arguments.checkpoints:
        tell_start(aws, plan)
    aws.client("s3").put_object(Bucket=base.bucket, Key=code_key, Body=bundle)
    run_job(aws, plan, mark_of(source), again_command(plan, arguments))
    check_model(aws, plan.model_uri)
    output = read_job_output(aws, plan.model_uri)
    package_arn = register(aws, recipe, package)
    if arguments.pictures:
        copy_pictures(output, arguments.pictures)
    _show(recipe, output, mark_of(source), arguments.pictures)
    return {
        "training_job_name": plan.job_name,
        "model_artifacts": plan.model_uri,
        "model_package_arn": package_arn,
        "approval_status": package.parameters["ModelApprovalStatus"],
        "metrics": output.metrics,
        "pictures": list(output.pictures),
        "output": output.uri,
        "data": source,
    }


def _show(recipe: Recipe, output: JobOutput, mark: str, pictures_to: Path | None) -> None:
    """Print the metrics, marked if they are of a generated sample, and the pictures by name."""
    rows = [
        (f"  {name}", (f"{value:,}" if isinstance(value, int) else f"{value:.4f}") + mark)
        for name, value in output.metrics.items()
    ]
    say(
        f"Metrics on the test {recipe.inputs}, and the size of what was trained on:\n"
        + command.table(rows)
    )
    if output.search:
        title = f"The best of {len(output.search)} candidates{mark}; search.csv has all:"
        say("\n  ".join([title, *table_lines(output.search, _TOP)]))
    where = f"in {pictures_to}" if pictures_to else f"in {output.uri}; --pictures DIR copies them"
    say(f"Pictures{mark} ({where}): {', '.join(output.pictures)}")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

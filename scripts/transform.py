"""Score whole files by a SageMaker batch transform job.

    python -m scripts.transform --recipe newsgroups-naive-bayes --input posts.jsonl
    python -m scripts.transform --recipe headlines-fast --input s3://B/IN/ --output s3://B/OUT/

The input is a file, a folder or an S3 prefix, its kind told by the endings: .jsonl (a JSON string
a line), .csv (a text a row, each on one line), .txt (a text a line), .json (a request a file); of
images .json, .npy and .png; .gz of each. Every file gets one output of its name and .out, record
for record in the same order.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import ENDPOINTS, PIPELINE, SINGLE, new_stamp, transform_prefix
from scripts.account.stacks import Foundation, foundation
from scripts.endpoints.flags import Count
from scripts.endpoints.single_container import check_single
from scripts.transforms.files import (
    Files,
    check_lines,
    form_of,
    list_files,
    list_objects,
    local_files,
    split_address,
)
from scripts.transforms.job import done_keys, run_job
from scripts.transforms.model import Model, find_model
from scripts.transforms.note import short_note
from scripts.transforms.plans import (
    MOST_MB,
    STRATEGIES,
    Kept,
    Pace,
    TransformPlan,
    accept_of,
    transform_call,
)
from scripts.transforms.report import count_records, failure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--input", required=True, metavar="WHAT", help="a file, a folder or s3://BUCKET/PREFIX/"
    )
    parser.add_argument(
        "--output", metavar="URI", help="s3://BUCKET/PREFIX/ (one of its own in the bucket)"
    )
    parser.add_argument("--overwrite", action="store_true", help="write over what is there")
    parser.add_argument("--target", choices=ENDPOINTS, default=PIPELINE, help="which containers")
    _add_data_arguments(parser.add_argument_group("records"))
    _add_pace_arguments(parser.add_argument_group("instances and pace"))
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def _add_data_arguments(group: Any) -> None:
    group.add_argument("--content-type", help="content type of the files (by their endings)")
    group.add_argument("--accept", help="content type of the outputs (application/jsonlines)")
    group.add_argument("--join", action="store_true", help="put each record before its answer")
    group.add_argument("--input-filter", metavar="PATH", help="JSONPath: what of a record is sent")
    group.add_argument(
        "--output-filter", metavar="PATH", help="JSONPath: what of answer and record is kept"
    )


def _add_pace_arguments(group: Any) -> None:
    group.add_argument("--instance-type", default="ml.m5.large", help="(%(default)s)")
    counts = {
        "instance-count": Count(1, 1, None, "instances; each takes its share of the files"),
        "max-payload": Count(0, 1, MOST_MB, "MB a request (1; 6 for files that are not split)"),
        "concurrent": Count(0, 1, MOST_MB, "requests at once to an instance (all workers busy)"),
        "workers": Count(0, 1, 64, "processes of each container (its CPUs)"),
    }
    for name, count in counts.items():
        shown = f"{count.help} ({count.default})" if count.default else count.help
        group.add_argument(
            f"--{name}", type=count, default=count.default or None, metavar="N", help=shown
        )
    group.add_argument("--strategy", choices=STRATEGIES, help="records a request (multi)")


def run(arguments: argparse.Namespace) -> Result:
    """Transform the input; return where the outputs are and how many records they have."""
    recipe = find_recipe(arguments.recipe)
    if arguments.target == SINGLE:
        check_single(recipe)
    remote = arguments.input.startswith("s3://")
    local = [] if remote else local_files(Path(arguments.input))
    aws = connect(arguments)
    base = foundation(aws, arguments.stack)
    stamp = new_stamp()
    own = f"{transform_prefix(recipe.name)}{stamp}/"
    uploads = _uploads(Path(arguments.input), local, f"{own}input/")
    files = (
        list_files(aws, arguments.input, recipe, arguments.content_type)
        if remote
        else _planned_files(recipe, arguments, base.bucket, uploads)
    )
    for path in local:
        check_lines(path, files.form)
    model = find_model(aws, recipe, arguments.target, stamp, base)
    plan = _plan(arguments, recipe, stamp, (model, files, f"s3://{base.bucket}/{own}output/"))
    calls = _calls(plan, model, uploads)
    clean = _check_output(aws, plan, arguments.overwrite)
    if arguments.dry_run:
        return dry_run([*clean, *calls])
    price = f"{plan.instance_count} x {plan.instance_type}"
    confirm(aws, arguments.yes, f"This runs a transform job on {price}")
    for call in clean:
        aws.make(call)
    _upload(aws, base, uploads)
    return _transform(aws, plan, model)


def _uploads(given: Path, local: list[Path], prefix: str) -> dict[str, Path]:
    """Return the local file of each key that is to be uploaded."""
    root = given if given.is_dir() else given.parent
    return {f"{prefix}{path.relative_to(root).as_posix()}": path for path in local}


def _planned_files(
    recipe: Recipe, arguments: argparse.Namespace, bucket: str, uploads: dict[str, Path]
) -> Files:
    """Return what the input will be once it is uploaded."""
    form = form_of([str(path) for path in uploads.values()], recipe, arguments.content_type)
    prefix = next(iter(uploads)).partition("/input/")[0] + "/input/"
    return Files(bucket, prefix, tuple(sorted(uploads)), form, uploads)


def _plan(
    arguments: argparse.Namespace, recipe: Recipe, stamp: str, made: tuple[Model, Files, str]
) -> TransformPlan:
    model, files, own_output = made
    kept = Kept(arguments.join, arguments.input_filter, arguments.output_filter)
    output = arguments.output or own_output
    return TransformPlan(
        recipe=recipe,
        stamp=stamp,
        model_name=model.name,
        containers=model.containers,
        files=files,
        output_uri=output if output.endswith("/") else f"{output}/",
        accept=accept_of(files.form, kept, arguments.accept),
        instance_type=arguments.instance_type,
        instance_count=arguments.instance_count,
        pace=Pace(
            arguments.strategy, arguments.max_payload, arguments.concurrent, arguments.workers
        ),
        kept=kept,
    )


def _calls(plan: TransformPlan, model: Model, uploads: dict[str, Path]) -> list[Call]:
    """Return the calls of the job, with those that make its model and take it away."""
    bucket = plan.files.bucket
    puts = [Call("s3", "upload_file", {"Bucket": bucket, "Key": key}) for key in uploads]
    around = [call for call in (model.create, transform_call(plan), model.delete) if call]
    return [*puts, *around]


def _check_output(aws: Aws, plan: TransformPlan, overwrite: bool) -> list[Call]:
    """Return calls that delete what is written over; raise DeploymentError if that was not asked.

    What this job will write goes first, so that what is there at the end is this job's.
    """
    bucket, root = split_address(plan.output_uri, "--output")
    wanted = set(plan.files.output_keys(root).values())
    if bucket == plan.files.bucket and any(key.startswith(plan.files.prefix) for key in wanted):
        raise DeploymentError(
            f"the output {plan.output_uri} lies under the input {plan.files.uri}, so the next "
            "transform would read it; give it a prefix of its own"
        )
    there = [item["Key"] for item in list_objects(aws, bucket, root)]
    if there and not overwrite:
        raise DeploymentError(
            f"there is something at {plan.output_uri} already ({len(there)} objects, such as "
            f"{there[0]}); give another --output, or --overwrite"
        )
    return [
        Call("s3", "delete_object", {"Bucket": bucket, "Key": key})
        for key in there
        if key in wanted
    ]


def _upload(aws: Aws, base: Foundation, uploads: dict[str, Path]) -> None:
    from tqdm import tqdm

    look: dict[str, Any] = {"unit": "file", "leave": False, "disable": None}
    for key, path in tqdm(uploads.items(), desc="upload", **look):
        aws.client("s3").upload_file(str(path), base.bucket, key)


def _transform(aws: Aws, plan: TransformPlan, model: Model) -> Result:
    """Run the job with its model there, count what came out, and say what failed."""
    began = time.monotonic()
    try:
        if model.create:
            aws.make(model.create)
        job = run_job(aws, plan)
    finally:
        if model.delete:
            aws.remove(model.delete)
    if job["TransformJobStatus"] != "Completed":
        done = done_keys(aws, plan)
        missing = [key for key in plan.files.keys if key not in done]
        raise DeploymentError(failure(aws, plan, job, missing))
    records = count_records(aws, plan)
    seconds = time.monotonic() - began
    if note := short_note(aws, plan, records):
        say(note)
    noun = "records" if plan.files.form.lines else "requests"
    say(f"{records:,} {noun} of {len(plan.files.keys)} files, as many in as out: {plan.output_uri}")
    return {
        "transform_job_name": plan.job_name,
        "model_name": plan.model_name,
        "input": plan.files.uri,
        "output": plan.output_uri,
        "files": len(plan.files.keys),
        noun: records,
        "seconds": round(seconds, 1),
        "job_seconds": (job["TransformEndTime"] - job["TransformStartTime"]).total_seconds(),
    }


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

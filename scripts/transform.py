"""Score whole files with a SageMaker batch transform job.

    python -m scripts.transform --recipe headlines-fast --input titles.jsonl
    python -m scripts.transform --recipe headlines-fast --input s3://B/IN/

The input is a file, a folder, or an S3 prefix. The file extension determines the format:
.jsonl (one JSON string per line), .csv (one text per row, on a single line), .txt (one text per
line), or .json (one request per file); for images .json, .npy, or .png, each also as .gz.
Each file gets one output, FILE.out, with the same records in the same order.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError, counted
from scripts.account import command
from scripts.account.aws import Aws, Call, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.creations import Creations, reversals_of
from scripts.account.naming import (
    ENDPOINTS,
    PIPELINE,
    SINGLE,
    is_key_of_another_stack,
    name_in_stack,
    new_stamp,
    transform_prefix,
)
from scripts.account.selection import selected_recipe
from scripts.account.stacks import foundation
from scripts.endpoints.flags import Count
from scripts.endpoints.plans import ReleasePlan, archive_call, model_call
from scripts.endpoints.release import check_single
from scripts.transforms.files import (
    Files,
    check_lines,
    copy_calls,
    form_of,
    list_files,
    list_objects,
    local_files,
    refuse_nested,
    split_address,
    upload_file,
)
from scripts.transforms.model import check_labels, plan_model
from scripts.transforms.plans import (
    MAX_MB,
    STRATEGIES,
    Processing,
    TransformPlan,
    accept_of,
    check_output_prefix,
    transform_call,
)
from scripts.transforms.report import completed_keys, count_records, failure, run_job, short_note


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--input",
        type=command.path_name,
        required=True,
        metavar="PATH",
        help="file, folder, or s3://BUCKET/PREFIX/",
    )
    parser.add_argument(
        "--output", metavar="URI", help="s3://BUCKET/PREFIX/ (default: a new prefix of the bucket)"
    )
    parser.add_argument("--overwrite", action="store_true", help="overwrite existing outputs")
    parser.add_argument(
        "--target",
        choices=ENDPOINTS,
        default=PIPELINE,
        help="containers to run (default: %(default)s)",
    )
    _add_data_arguments(parser.add_argument_group("records"))
    _add_pace_arguments(parser.add_argument_group("instances and throughput"))
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def _add_data_arguments(group: Any) -> None:
    group.add_argument("--content-type", help="content type of the files (default: by extension)")
    group.add_argument(
        "--accept", help="content type of the outputs (default: application/jsonlines)"
    )
    group.add_argument("--join", action="store_true", help="join each record to its output")
    group.add_argument(
        "--input-filter", metavar="PATH", help="JSONPath to the part of a record to send"
    )
    group.add_argument(
        "--output-filter", metavar="PATH", help="JSONPath to the part of the output to keep"
    )


def _add_pace_arguments(group: Any) -> None:
    group.add_argument(
        "--instance-type", default="ml.m5.large", help="instance type (default: %(default)s)"
    )
    counts = {
        "instance-count": Count(1, 1, None, "number of instances, which share the files"),
        "max-payload": Count(0, 1, MAX_MB, "MB per request (default: 1, or 6 for whole files)"),
        "concurrent": Count(
            0, 1, MAX_MB, "concurrent requests per instance (default: --workers or 2 per container)"
        ),
        "workers": Count(0, 1, 64, "processes per container (default: one per CPU)"),
    }
    for name, count in counts.items():
        count.add_to(group, f"--{name}", count.default or None)
    group.add_argument(
        "--strategy", choices=STRATEGIES, help="records per request (default: multi)"
    )


def run(arguments: argparse.Namespace) -> Result:
    """Transform the input; return the address of the outputs and the number of records."""
    recipe = selected_recipe(arguments)
    if arguments.target == SINGLE:
        check_single(recipe)
    if arguments.output is not None:
        split_address(arguments.output, "--output")
    remote = arguments.input.startswith("s3://")
    local = [] if remote else local_files(Path(arguments.input))
    aws = connect(arguments)
    aws.check_flag("--instance-type", arguments.instance_type, "TransformInstanceType")
    base = foundation(aws, arguments.stack)
    check_output_prefix(arguments.output or "", base.bucket)
    stamp = new_stamp()
    own = f"{transform_prefix(name_in_stack(arguments.stack, recipe.scope))}{stamp}/"
    uploads = _uploads(Path(arguments.input), local, f"{own}input/")
    if remote:
        source = list_files(aws, arguments.input, recipe, arguments.content_type)
        files = source.without_side_files(base.bucket, f"{own}input/")
    else:
        form = form_of([str(path) for path in local], recipe, arguments.content_type)
        source = files = Files(base.bucket, f"{own}input/", tuple(sorted(uploads)), form, uploads)
    for path in local:
        check_lines(path, files.form, filtered=arguments.input_filter is not None)
    model = plan_model(aws, recipe, arguments, stamp, base)
    plan = _plan(arguments, model, files, f"s3://{base.bucket}/{own}output/")
    refuse_nested(source, plan.output_uri)
    check_labels(aws, model.archive, plan.accept)
    calls = _calls(plan, uploads)  # raises if the flags do not fit together
    clean = _check_output(aws, plan, arguments.overwrite)
    if arguments.dry_run:
        return dry_run([*clean, *calls])
    instances = f"{model.instance_count} x {model.instance_type}"
    confirm(aws, arguments.yes, f"This runs a transform job on {instances}")
    for call in clean:
        aws.make(call)
    for key, path in command.progress_bar(uploads.items(), desc="upload", unit="file"):
        upload_file(aws, path, base.bucket, key)
    for call in copy_calls(plan.files):
        aws.make(call)
    return _transform(aws, plan)


def _uploads(path: Path, local: list[Path], prefix: str) -> dict[str, Path]:
    root = path if path.is_dir() else path.parent
    return {f"{prefix}{file.relative_to(root).as_posix()}": file for file in local}


def _plan(
    arguments: argparse.Namespace, model: ReleasePlan, files: Files, own_output: str
) -> TransformPlan:
    processing = Processing(arguments.join, arguments.input_filter, arguments.output_filter)
    output = arguments.output or own_output
    return TransformPlan(
        model=model,
        files=files,
        output_uri=output if output.endswith("/") else f"{output}/",
        accept=accept_of(files.form, processing, arguments.accept),
        processing=processing,
        strategy=arguments.strategy,
        payload_mb=arguments.max_payload,
        concurrent=arguments.concurrent,
        workers=arguments.workers,
    )


def _calls(plan: TransformPlan, uploads: dict[str, Path]) -> list[Call]:
    bucket, create = plan.files.bucket, [archive_call(plan.model), model_call(plan.model)]
    puts = [Call("s3", "upload_file", {"Bucket": bucket, "Key": key}) for key in uploads]
    puts += copy_calls(plan.files)
    return [*puts, *create, transform_call(plan), *reversals_of(create)]


def _check_output(aws: Aws, plan: TransformPlan, overwrite: bool) -> list[Call]:
    """Return calls that delete outputs to overwrite; raise DeploymentError without --overwrite."""
    bucket, root = split_address(plan.output_uri, "--output")
    if is_key_of_another_stack(plan.model.stack, root):
        raise DeploymentError(
            f"the output {plan.output_uri} is under a prefix of another stack than "
            f"{plan.model.stack}; choose another --output"
        )
    outputs = set(plan.files.output_keys(root).values())
    existing = [item["Key"] for item in list_objects(aws, bucket, root)]
    if existing and not overwrite:
        raise DeploymentError(
            f"{plan.output_uri} already has objects ({len(existing)}, such as {existing[0]}); "
            "choose another --output, or pass --overwrite"
        )
    return [
        Call("s3", "delete_object", {"Bucket": bucket, "Key": key})
        for key in existing
        if key in outputs
    ]


def _transform(aws: Aws, plan: TransformPlan) -> Result:
    began, creations = time.monotonic(), Creations(aws)
    try:
        creations.make(archive_call(plan.model))
        creations.make(model_call(plan.model))
        job = run_job(aws, plan)
    finally:
        for call in creations.reversals():
            aws.remove(call)
    if job["TransformJobStatus"] != "Completed":
        completed = completed_keys(aws, plan)
        missing = [key for key in plan.files.keys if key not in completed]
        raise DeploymentError(failure(aws, plan, job, missing))
    records = count_records(aws, plan)
    seconds = time.monotonic() - began
    if note := short_note(aws, plan, records):
        say(note)
    noun, files = "record" if plan.files.form.lines else "request", len(plan.files.keys)
    say(f"Scored {counted(records, noun)} in {counted(files, 'file')}: {plan.output_uri}")
    return {
        "transform_job_name": plan.model.name,
        "model_name": plan.model.name,
        "input": plan.files.uri,
        "output": plan.output_uri,
        "files": files,
        f"{noun}s": records,
        "seconds": round(seconds, 1),
        "job_seconds": (job["TransformEndTime"] - job["TransformStartTime"]).total_seconds(),
    }


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

"""Measure a registered model on a channel, in a processing job of its recipe's image.

    python -m scripts evaluate --recipe newsgroups-naive-bayes
    python -m scripts evaluate --recipe spooky-ngrams --data HASH --package ARN

The job stores metrics.json and plots. The package keeps the address of metrics.json in its customer
metadata, as `evaluation-CHANNEL`.
"""

import argparse
import json
import sys
from functools import partial
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import Aws, Call, confirm, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.creations import ENDS, patiently, started_job
from scripts.account.model_archives import location_of
from scripts.account.registry import describe_package, record_call
from scripts.account.selection import selected_recipe
from scripts.jobs.data_versions import TOGETHER
from scripts.jobs.training_plans import upload_call
from scripts.operations.evaluation import EvaluationPlan, plan_evaluation

_INSTANCE_TYPE = "ml.m5.large"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    package = parser.add_argument(
        "--package", metavar="ARN", help="model package (default: the newest one)"
    )
    command.add_old_flag(parser, "--model-package-arn", package)
    parser.add_argument(
        "--channel", choices=TOGETHER, default="test", help="channel to measure on (default: test)"
    )
    parser.add_argument(
        "--data", metavar="HASH", help="version of the data (default: the newest upload)"
    )
    parser.add_argument(
        "--instance-type",
        metavar="TYPE",
        default=_INSTANCE_TYPE,
        help=f"instance type of the job (default: {_INSTANCE_TYPE})",
    )
    command.add_yes_argument(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Run the job, record its output with the package, and return the metrics."""
    recipe = selected_recipe(arguments)
    aws = connect(arguments)
    plan = plan_evaluation(aws, recipe, arguments)
    if arguments.dry_run:
        record = record_call(plan.package, plan.record)
        return dry_run([upload_call(plan.code_uri), plan.call, record])
    confirm(aws, arguments.yes, f"This runs a processing job on {arguments.instance_type}")
    aws.client("s3").put_object(**upload_call(plan.code_uri).parameters, Body=plan.bundle)
    _run_job(aws, plan)
    arn = plan.package["ModelPackageArn"]
    # Described again, since somebody may have approved or rejected it while the job ran.
    aws.make(record_call(describe_package(aws, arn), plan.record))
    place = location_of(f"{plan.output_uri}/metrics.json")
    metrics = json.load(aws.client("s3").get_object(**place)["Body"])
    say(f"{arn}: accuracy {metrics['accuracy']:.4f} on {metrics['rows']:,} rows{plan.mark}")
    return {
        "processing_job_name": plan.job_name,
        "model_package_arn": arn,
        "channel": plan.channel,
        "data": plan.data_uri,
        "output": plan.output_uri,
        "metrics": metrics,
    }


def _run_job(aws: Aws, plan: EvaluationPlan) -> None:
    subject = f"Processing job {plan.job_name}"
    describe = Call("sagemaker", "describe_processing_job", {"ProcessingJobName": plan.job_name})
    read = partial(patiently, aws, partial(aws.make, describe))
    job: dict[str, Any] = {}
    with started_job(aws, subject, plan.call):
        for job in aws.watch(subject, read, "ProcessingJobStatus"):
            if job["ProcessingJobStatus"] in ENDS:
                break
    if job["ProcessingJobStatus"] != "Completed":
        reason = job.get("ExitMessage") or job.get("FailureReason") or "it was stopped"
        raise DeploymentError(
            f"processing job {plan.job_name} ended as {job['ProcessingJobStatus']}: {reason}. Its "
            "log is in the log group /aws/sagemaker/ProcessingJobs"
        )


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

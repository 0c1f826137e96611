"""What lies under the prefix of a job's checkpoints, and when it is worth going on from."""

import re

from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.jobs.training_plans import TrainingPlan

# What a FailureReason says of a process that was killed, on its own or for want of another worker.
# A program that ends by itself says why, and would end so again.
_KILLED = re.compile(
    r"killed by signal|ExitCode -\d|exit code: (-|1[34]\d)|goes on from its checkpoints"
)


def are_kept(aws: Aws, plan: TrainingPlan) -> bool:
    """Tell whether a job left something under the plan's checkpoints.

    What cannot be looked up is said, and may be there: no job hangs on it.
    """
    if not plan.checkpoints:
        return False
    s3 = aws.client("s3")
    bucket, _, prefix = plan.checkpoints_uri.removeprefix("s3://").partition("/")
    try:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=1)
    except s3.exceptions.ClientError as error:
        say(f"The checkpoints cannot be listed: {error.response['Error']['Message']}")
        return True
    return bool(found["KeyCount"])


def tell_start(aws: Aws, plan: TrainingPlan) -> None:
    """Say so if a job is to go on from checkpoints that are not there."""
    if not are_kept(aws, plan):
        say(f"No checkpoint is under {plan.checkpoints_uri}/ yet: the job starts anew.")


def advice(aws: Aws, plan: TrainingPlan, again: str, reason: str = "") -> str:
    """Return how to go on with a job that was stopped, or failed for a reason; "" if it is no use.

    `again` is the command that goes on from the job's checkpoints.
    """
    by_itself = reason.startswith("AlgorithmError") and not _KILLED.search(reason)
    if not again or by_itself or not are_kept(aws, plan):
        return ""
    return f"To go on from its last checkpoint: {again}"

"""Run a transform job, and show its progress."""

from collections.abc import Collection
from functools import partial
from typing import Any

from newsgroup_classifier.errors import counted
from scripts.account.aws import Aws, Call
from scripts.account.command import progress_bar, say
from scripts.account.creations import Creations
from scripts.account.stopping import ENDS, patiently, stop_job
from scripts.transforms.files import list_objects, split_address
from scripts.transforms.plans import TransformPlan, transform_call


def run_job(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    """Start the job and wait until it ends; stop it, as its model is deleted, if that fails."""
    creations = Creations(aws)
    try:
        creations.make(transform_call(plan))
        return _wait(aws, plan)
    except BaseException:
        for call in creations.reversals():
            _stop(aws, plan.name, call)
        raise


def _stop(aws: Aws, job: str, call: Call) -> None:
    if not stop_job(aws, f"Transform job {job}", call):
        return
    client = aws.client("sagemaker")
    while client.describe_transform_job(TransformJobName=job)["TransformJobStatus"] not in ENDS:
        aws.pause()
    say(f"Transform job {job} is stopped.")


def _wait(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    describe = Call("sagemaker", "describe_transform_job", {"TransformJobName": plan.name})
    say(f"Transform job {plan.name}: {counted(len(plan.files.keys), 'file')}")
    with progress_bar(total=len(plan.files.keys), desc="transform", unit="file") as bar:
        while True:
            job: dict[str, Any] = patiently(aws, partial(aws.make, describe))
            bar.n = len(patiently(aws, partial(completed_keys, aws, plan)))
            bar.refresh()
            if job["TransformJobStatus"] in ENDS:
                break
            aws.pause()
    say(f"Transform job {plan.name}: {job['TransformJobStatus']}")
    return job


def completed_keys(aws: Aws, plan: TransformPlan) -> Collection[str]:
    """Return the input keys that have an output."""
    bucket, root = split_address(plan.output_uri, "--output")
    outputs = {item["Key"] for item in list_objects(aws, bucket, root)}
    return {key for key, output in plan.files.output_keys(root).items() if output in outputs}

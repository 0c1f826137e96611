"""Run a transform job: start it, show how many files are done, and say how it ended."""

from collections.abc import Collection
from typing import Any

from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.stopping import stop_job
from scripts.transforms.files import list_objects, split_address
from scripts.transforms.plans import TransformPlan, transform_call

_ENDS = ("Completed", "Failed", "Stopped")


def run_job(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    """Start the job and wait for its end; whoever interrupts the wait does not want the job."""
    try:
        aws.make(transform_call(plan))
        return _wait(aws, plan)
    except KeyboardInterrupt:
        _stop(aws, plan.job_name)
        raise


def _stop(aws: Aws, job: str) -> None:
    """Stop a job, if it was started and runs, and wait until it has left its model alone."""
    call = Call("sagemaker", "stop_transform_job", {"TransformJobName": job})
    if not stop_job(aws, f"Transform job {job}", call):
        return
    client = aws.client("sagemaker")
    while client.describe_transform_job(TransformJobName=job)["TransformJobStatus"] not in _ENDS:
        aws.pause()
    say(f"Transform job {job} is stopped.")


def _wait(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    """Show the files that are done until the job ends; return its description."""
    # Imported here so that --help and --dry-run are quick.
    from tqdm import tqdm

    client = aws.client("sagemaker")
    say(f"Transform job {plan.job_name}: {len(plan.files.keys)} files")
    look: dict[str, Any] = {"unit": "file", "leave": False, "disable": None}
    with tqdm(total=len(plan.files.keys), desc="transform", **look) as bar:
        while True:
            job: dict[str, Any] = client.describe_transform_job(TransformJobName=plan.job_name)
            bar.n = len(done_keys(aws, plan))
            bar.refresh()
            if job["TransformJobStatus"] in _ENDS:
                break
            aws.pause()
    say(f"Transform job {plan.job_name}: {job['TransformJobStatus']}")
    return job


def done_keys(aws: Aws, plan: TransformPlan) -> Collection[str]:
    """Return the keys of the input whose outputs are there."""
    bucket, root = split_address(plan.output_uri, "--output")
    there = {item["Key"] for item in list_objects(aws, bucket, root)}
    return {key for key, output in plan.files.output_keys(root).items() if output in there}

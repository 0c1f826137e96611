"""Run a training job: start it, show its log, and say how it ended."""

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.stopping import stop_job
from scripts.jobs.kept_checkpoints import advice
from scripts.jobs.log import JobLog
from scripts.jobs.training_plans import TrainingPlan, training_call

_ENDS = ("Completed", "Failed", "Stopped")


def run_job(aws: Aws, plan: TrainingPlan, mark: str, again: str = "") -> None:
    """Start the job and wait for its end; whoever interrupts the wait does not want the job.

    `again` is the command that goes on from the checkpoints of a job that did not complete; it is
    told where there are any, and the job did not end for a reason of its own.
    """
    try:
        aws.make(training_call(plan))
        _wait(aws, plan, mark, again)
    except KeyboardInterrupt:
        job = plan.job_name
        call = Call("sagemaker", "stop_training_job", {"TrainingJobName": job})
        if stop_job(aws, f"Training job {job}", call):
            say(f"Training job {job} is told to stop.")
        if told := advice(aws, plan, again):
            say(told)
        raise


def _wait(aws: Aws, plan: TrainingPlan, mark: str, again: str) -> None:
    """Show the job's log until it ends; raise DeploymentError unless it completes."""
    job = plan.job_name
    log = JobLog(aws, job, mark, plan.instance_count)
    client = aws.client("sagemaker")
    status = ""
    while True:
        found = client.describe_training_job(TrainingJobName=job)
        if found["SecondaryStatus"] != status:
            status = found["SecondaryStatus"]
            say(f"Training job {job}: {status}")
        log.show_new_lines()
        if found["TrainingJobStatus"] in _ENDS:
            break
        aws.pause()
    if found["TrainingJobStatus"] != "Completed":
        reason = found.get("FailureReason", "")
        told = advice(aws, plan, again, reason)
        raise DeploymentError(
            f"training job {job} ended as {found['TrainingJobStatus']}: "
            f"{reason or 'it was stopped'}{f'. {told}' if told else ''}"
        )
    _show_saving(found)


def _show_saving(job: dict[str, object]) -> None:
    """Say what a spot job cost of the time it took."""
    if job.get("EnableManagedSpotTraining"):
        say(
            f"Billed {job.get('BillableTimeInSeconds')} s of {job.get('TrainingTimeInSeconds')} s "
            "on each spot instance."
        )

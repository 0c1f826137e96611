"""Run a training job: upload its sources, start it, show its log, and report how it ended."""

import re
from functools import partial
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.creations import ENDS, patiently, started_job
from scripts.account.log_groups import log_pages
from scripts.account.messages import message_of
from scripts.account.model_archives import check_versioned
from scripts.jobs.tensorflow_setup import ensure_tensorflow
from scripts.jobs.training_plans import TrainingPlan, training_call, upload_call

_GROUP = "/aws/sagemaker/TrainingJobs"
_BEFORE_PROGRAM = "Invoking script with the following command"
_LAUNCHERS = ("sagemaker-training-toolkit", "sagemaker_tensorflow_container.")
# TensorFlow prints these at any TF_CPP_MIN_LOG_LEVEL. Warnings and errors begin with W and E.
_NOISE = re.compile(
    r"WARNING: All log messages before absl::InitializeLog\(\)"
    r"|I[0-9]{4} [0-9:.]+ +[0-9]+ \S+:[0-9]+\]"
)
_LAUNCHER, _NEXT_IS_COMMAND, _PROGRAM = "launcher", "next is command", "program"
# In the FailureReason of a process that was killed, or that lost another worker. A program that
# exits by itself gives its own reason, and would exit the same way again.
_KILLED = re.compile(r"killed by signal|ExitCode -\d|exit code: (-|1[34]\d)|from its checkpoints")

_LIMITS = {  # of a StoppingCondition, by the secondary status of a job that reached it
    "MaxRuntimeExceeded": "it reached its limit of {MaxRuntimeInSeconds:,} seconds. Choose a "
    "faster --instance-type, or train on fewer rows",
    "MaxWaitTimeExceeded": "it reached its limit of {MaxWaitTimeInSeconds:,} seconds with the time "
    "that it waited for spot instances. Train without --spot",
}


def prepare(aws: Aws, plan: TrainingPlan) -> None:
    """Check the bucket, install TensorFlow if this machine needs it, and upload the sources."""
    check_versioned(aws, plan.foundation.bucket)
    ensure_tensorflow(aws, plan.recipe)
    aws.client("s3").put_object(**upload_call(plan.code_uri).parameters, Body=plan.bundle)


def run_job(
    aws: Aws, plan: TrainingPlan, mark: str, resume: str = "", registration: str = ""
) -> None:
    """Start the job and wait for its end; stop it on Ctrl-C.

    `resume` is the command that resumes it from its checkpoints, and `registration` the one that
    registers its model if this command ends early.
    """
    later = f"To wait for it and register its model: {registration}" if registration else ""
    try:
        with started_job(aws, f"Training job {plan.job_name}", training_call(plan), later=later):
            wait_for_job(aws, plan, mark, resume)
    except KeyboardInterrupt:
        if message := advice(aws, plan, resume):
            say(message)
        raise


def wait_for_job(aws: Aws, plan: TrainingPlan, mark: str, resume: str = "") -> None:
    """Show the job's log until it ends; raise DeploymentError unless it completes."""
    log = JobLog(aws, plan.job_name, mark, plan.instance_count)
    describe = Call("sagemaker", "describe_training_job", {"TrainingJobName": plan.job_name})
    subject = f"Training job {plan.job_name}"
    read = partial(patiently, aws, partial(aws.make, describe))
    for job in aws.watch(subject, read, "SecondaryStatus"):
        log.show_new_lines()
        if job["TrainingJobStatus"] in ENDS:
            break
    if job["TrainingJobStatus"] != "Completed":
        reason = job.get("FailureReason", "")
        message = advice(aws, plan, resume, reason)
        ending = _LIMITS.get(job["SecondaryStatus"], "it was stopped")
        ending = ending.format(**job["StoppingCondition"])
        raise DeploymentError(
            f"training job {plan.job_name} ended as {job['TrainingJobStatus']}: "
            f"{reason or ending}{f'. {message}' if message else ''}"
        )
    if job.get("EnableManagedSpotTraining"):
        say(
            f"Billed {job.get('BillableTimeInSeconds')} s of {job.get('TrainingTimeInSeconds')} s "
            "on each spot instance."
        )


def find_job(aws: Aws, flag: str, name: str) -> dict[str, Any]:
    """Return the description of the training job of a flag; raise DeploymentError if none."""
    aws.check_flag(flag, name, "TrainingJobName")
    call = Call("sagemaker", "describe_training_job", {"TrainingJobName": name})
    job: dict[str, Any] | None = aws.make(call, "not found", "Could not find")
    if job is None:
        raise DeploymentError(
            f"there is no training job {name!r} in region {aws.region}; expected the name of one "
            "that train or tune started"
        )
    return job


def announce_start(aws: Aws, plan: TrainingPlan) -> None:
    """Print a note if a job is to resume from checkpoints that do not exist."""
    if not _has_checkpoints(aws, plan):
        say(f"No checkpoint is under {plan.checkpoints_uri}/ yet: the job starts from scratch.")


def advice(aws: Aws, plan: TrainingPlan, resume: str, reason: str = "") -> str:
    """Return how to resume a job that was stopped or failed, or "" if that would not help."""
    failed_by_itself = reason.startswith("AlgorithmError") and not _KILLED.search(reason)
    if not resume or failed_by_itself or not _has_checkpoints(aws, plan):
        return ""
    return f"To resume from its last checkpoint: {resume}"


def _has_checkpoints(aws: Aws, plan: TrainingPlan) -> bool:
    """Return whether the job saved checkpoints; assume so, with a note, if S3 cannot list them."""
    if not plan.checkpoints:
        return False
    s3 = aws.client("s3")
    bucket, _, prefix = plan.checkpoints_uri.removeprefix("s3://").partition("/")
    try:
        page = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=1)
    except s3.exceptions.ClientError as error:
        say(f"The checkpoints cannot be listed: {error.response['Error']['Message']}")
        return True
    return bool(page["KeyCount"])


class JobLog:
    """Shows new lines, without the noise of the launcher and of TensorFlow.

    Each line ends with the mark, which identifies figures of a generated sample. A job of several
    instances has one log stream per instance, whose lines begin with the host.
    """

    def __init__(self, aws: Aws, job: str, mark: str, instances: int = 1) -> None:
        self._client: Any = aws.client("logs")
        self._job, self._mark, self._instances = job, mark, instances
        self._streams: dict[str, _Stream] = {}
        self._failed = False

    def show_new_lines(self) -> None:
        """Print the lines that the program wrote since the last call, or the first error."""
        from botocore.exceptions import BotoCoreError  # not needed for --help

        try:
            self._find_streams()
            for stream in self._streams.values():
                stream.show_pages()
        except (BotoCoreError, self._client.exceptions.ClientError) as error:
            if not self._failed:
                say(f"The job's log cannot be shown: {message_of(error)}")
            self._failed = True

    def _find_streams(self) -> None:
        """Find the log streams, until every instance has one."""
        if len(self._streams) == self._instances:
            return
        missing = self._client.exceptions.ResourceNotFoundException
        try:
            streams = self._client.describe_log_streams(
                logGroupName=_GROUP, logStreamNamePrefix=f"{self._job}/"
            )["logStreams"]
        except missing:  # no job has written a line yet
            return
        for name in [stream["logStreamName"] for stream in streams][: self._instances]:
            if name not in self._streams:
                host = name.rpartition("/")[2].rpartition("-")[0]  # of JOB/HOST-TIME
                prefix = f"  {host}: " if self._instances > 1 else "  "
                self._streams[name] = _Stream(self._client, name, prefix, self._mark)


class _Stream:
    """The log of one instance, and the position up to which it was read."""

    def __init__(self, client: Any, name: str, prefix: str, mark: str) -> None:
        self._client, self._name, self._prefix, self._mark = client, name, prefix, mark
        self._token = ""
        self._state = _LAUNCHER

    def show_pages(self) -> None:
        """Print the lines of all available pages."""
        for page in log_pages(self._client, _GROUP, self._name, self._token):
            self._token = page["nextForwardToken"]
            for event in page["events"]:
                self._show(event["message"])

    def _show(self, line: str) -> None:
        """Print a line if it is the program's, whose lines are between two of the launcher's."""
        if line.startswith(_BEFORE_PROGRAM):
            self._state = _NEXT_IS_COMMAND
        elif self._state == _NEXT_IS_COMMAND:
            self._state = _PROGRAM
        elif any(name in line for name in _LAUNCHERS):
            self._state = _LAUNCHER if "Reporting training" in line else self._state
        elif self._state == _PROGRAM and not _NOISE.match(line):
            say(f"{self._prefix}{line}{self._mark}")

"""What a run created: the one record that every clean-up reads, and the wait for a job."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from newsgroup_classifier.errors import ProjectError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.messages import message_of

ENDS = ("Completed", "Failed", "Stopped")  # the last statuses of a job
_LOST_MINUTES = 10  # of a connection, such as that of a laptop that sleeps
_State = TypeVar("_State")
# The beginnings of SageMaker's messages about training and tuning jobs, and about transform jobs.
_ABSENT = ("Requested resource not found", "Could not find requested job")
# The call that undoes each call that creates, and its parameters, which the two share.
_REVERSALS: dict[str, tuple[str, ...]] = {
    "copy": ("delete_object", "Bucket", "Key"),
    "create_model": ("delete_model", "ModelName"),
    "create_endpoint_config": ("delete_endpoint_config", "EndpointConfigName"),
    "create_endpoint": ("delete_endpoint", "EndpointName"),
    "create_stack": ("delete_stack", "StackName"),
    "create_training_job": ("stop_training_job", "TrainingJobName"),
    "create_processing_job": ("stop_processing_job", "ProcessingJobName"),
    "create_transform_job": ("stop_transform_job", "TransformJobName"),
    "create_hyper_parameter_tuning_job": (
        "stop_hyper_parameter_tuning_job",
        "HyperParameterTuningJobName",
    ),
}


class Creations:
    """The calls of a run that created something, or may have before their response was lost.

    A call that AWS refused created nothing: a resource of its name is someone else's.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._calls: list[Call] = []

    def make(self, call: Call) -> Any:
        """Make a call, record it if it creates something, and return the response."""
        self._calls.append(call)  # first, since an interrupted call may have had its effect
        try:
            return self._aws.make(call)
        except self._aws.client(call.service).exceptions.ClientError as error:
            if _is_refusal(error):
                self._calls.remove(call)
            raise

    def include(self, call: Call) -> bool:
        """Return whether a call was made, and not refused."""
        return call in self._calls

    def reversals(self) -> list[Call]:
        """Return the calls that delete or stop what was created, newest first."""
        return reversals_of(self._calls)

    def say_left(self, error: Exception, *more: str) -> None:
        """Print what may be left, and more, since an error ended the clean-up."""
        left = [
            f"{call.operation.removeprefix('delete_').replace('_', ' ')} {name}"
            for call in self.reversals()
            for *_, name in [call.parameters.values()]
        ]
        listing = ", ".join([*left, *more])
        say(f"The clean-up failed: {message_of(error)}. It may have left: {listing}")


def reversals_of(calls: Sequence[Call]) -> list[Call]:
    """Return the calls that delete or stop what calls create, the last one's first."""
    return [
        Call(call.service, operation, {name: call.parameters[name] for name in names})
        for call in reversed(calls)
        for operation, *names in [_REVERSALS.get(call.operation, ("",))]
        if operation
    ]


def _is_refusal(error: Any) -> bool:
    """Return whether an error of AWS shows that the call had no effect.

    An internal error does not show it. Nor does the answer to a call that boto3 repeated, because
    an earlier attempt may have created what the last one found.
    """
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 400)
    return 400 <= status < 500 and not metadata.get("RetryAttempts", 0)


@contextmanager
def started_job(
    aws: Aws, description: str, call: Call, advice: str = "", later: str = ""
) -> Iterator[None]:
    """Start a job, and stop it, with some advice, if Ctrl-C is pressed before the block ends.

    If another error ends the block, print how to stop the job and what to do `later`, unless the
    error says how it ended.
    """
    creations = Creations(aws)
    try:
        creations.make(call)
        yield
    except KeyboardInterrupt:
        for reversal in creations.reversals():
            if stop_job(aws, description, reversal):
                say(f"{description} is being stopped.{advice}")
        raise
    except Exception as error:
        if not isinstance(error, ProjectError):
            for reversal in creations.reversals():
                say(f"{description} may go on by itself. {_stop_command(aws, reversal)}")
                if later:
                    say(later)
        raise


def patiently(aws: Aws, read: Callable[[], _State]) -> _State:
    """Return what a function reads from AWS, also if the connection is lost for some minutes."""
    from botocore.exceptions import ConnectionError, HTTPClientError  # not needed for --help

    began = time.monotonic()
    while True:
        try:
            return read()
        except (ConnectionError, HTTPClientError):
            if aws.is_local or time.monotonic() - began > 60 * _LOST_MINUTES:
                raise
        say(f"The connection to AWS is lost; trying again for {_LOST_MINUTES} minutes ...")
        aws.pause()


def _stop_command(aws: Aws, call: Call) -> str:
    from botocore import xform_name  # not needed for --help

    ((name, job),) = call.parameters.items()
    words = f"{call.operation.replace('_', '-')} --{xform_name(name, '-')} {job}"
    return f"To stop it: aws sagemaker {words} --region {aws.region}"


def stop_job(aws: Aws, description: str, call: Call) -> bool:
    """Ask SageMaker to stop a job; return whether it did, and print the reason if not."""
    from botocore.exceptions import BotoCoreError  # not needed for --help

    client = aws.client(call.service)
    try:
        aws.make(call)
    except BotoCoreError as error:  # no response
        say(f"{description} was not stopped: {message_of(error)}. {_stop_command(aws, call)}")
        return False
    except client.exceptions.ClientError as error:
        message = error.response["Error"]["Message"]
        outcome = "started." if message.startswith(_ABSENT) else f"stopped: {message}"
        say(f"{description} was not {outcome}")
        return False
    return True

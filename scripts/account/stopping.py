"""Start a SageMaker job, wait for it, stop it after Ctrl-C, and say how to after an error."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from newsgroup_classifier.errors import ProjectError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.creations import Creations
from scripts.account.messages import message_of

ENDS = ("Completed", "Failed", "Stopped")  # the last statuses of a job
_LOST_MINUTES = 10  # of a connection, such as that of a laptop that sleeps
_State = TypeVar("_State")
# The beginnings of SageMaker's messages about training and tuning jobs, and about transform jobs.
_ABSENT = ("Requested resource not found", "Could not find requested job")


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

"""Start a SageMaker job, and stop it after Ctrl-C."""

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.creations import Creations

ENDS = ("Completed", "Failed", "Stopped")  # the last statuses of a job
_ABSENT = "Requested resource not found"  # SageMaker's message for every type of job


@contextmanager
def started_job(aws: Aws, description: str, call: Call, advice: str = "") -> Iterator[None]:
    """Start a job, and stop it if Ctrl-C is pressed before the block ends.

    `advice` is printed if it is being stopped.
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


def stop_job(aws: Aws, description: str, call: Call) -> bool:
    """Ask SageMaker to stop a job; return whether it did, and print the reason if not.

    `description` names the job for people. A job that does not exist was interrupted before it was
    created.
    """
    client = aws.client(call.service)
    try:
        aws.make(call)
    except client.exceptions.ClientError as error:
        message = error.response["Error"]["Message"]
        outcome = "started." if message.startswith(_ABSENT) else f"stopped: {message}"
        say(f"{description} was not {outcome}")
        return False
    return True

"""Stop a SageMaker job after Ctrl-C."""

from scripts.account.aws import Aws, Call
from scripts.account.command import say

_ABSENT = "Requested resource not found"  # SageMaker's message for every type of job


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

"""Stop a job of SageMaker that is no longer wanted."""

from scripts.account.aws import Aws, Call
from scripts.account.command import say

_ABSENT = "Requested resource not found"  # as SageMaker says of any job that is not there


def stop_job(aws: Aws, what: str, call: Call) -> bool:
    """Ask SageMaker to stop a job; say why it was not, and return whether it was.

    `what` names the job for people. One that does not exist was interrupted before it was made.
    """
    client = aws.client(call.service)
    try:
        aws.make(call)
    except client.exceptions.ClientError as error:
        message = error.response["Error"]["Message"]
        absent = message.startswith(_ABSENT)
        say(f"{what} was not started." if absent else f"{what} was not stopped: {message}")
        return False
    return True

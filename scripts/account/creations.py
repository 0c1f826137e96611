"""What a run created: the one record that every command's clean-up reads."""

from collections.abc import Sequence
from typing import Any

from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.messages import message_of

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
            if is_refusal(error):
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


def is_refusal(error: Any) -> bool:
    """Return whether an error of AWS shows that the call had no effect.

    An internal error does not show it. Nor does the answer to a call that boto3 repeated, because
    an earlier attempt may have created what the last one found.
    """
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 400)
    return 400 <= status < 500 and not metadata.get("RetryAttempts", 0)

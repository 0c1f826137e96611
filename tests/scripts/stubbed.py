"""AWS with a client whose answers a test gives, checked against the service's model."""

import boto3
from botocore.stub import Stubber

from scripts.account.aws import Aws, Call


def stub(aws: Aws, service: str) -> Stubber:
    """Put a stubbed client in the place of a service's."""
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    aws._clients[service] = client
    stubber = Stubber(client)
    stubber.activate()
    return stubber


class Interrupted(Aws):
    """AWS where Ctrl-C comes while one call is on its way: after its effect, before its answer."""

    def __init__(self, operation: str, region: str) -> None:
        super().__init__(region)
        self._operation = operation

    def make(self, call: Call) -> object:
        """Make the call; interrupt the one that was named."""
        answer = super().make(call)
        if call.operation == self._operation:
            raise KeyboardInterrupt
        return answer

"""AWS with stubbed responses, checked against the model of the service."""

import boto3
from botocore.stub import Stubber

from scripts.account.aws import Aws, Call


def stub(aws: Aws, service: str) -> Stubber:
    """Replace the client of a service by a stubbed one."""
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    aws._clients[service] = client
    stubber = Stubber(client)
    stubber.activate()
    return stubber


class Interrupted(Aws):
    """AWS with Ctrl-C during one call: after its effect, but before its response."""

    def __init__(self, operation: str, region: str) -> None:
        super().__init__(region)
        self._operation = operation

    def make(self, call: Call, *ignored: str) -> object:
        """Make the call; interrupt it if it is the selected one."""
        response = super().make(call, *ignored)
        if call.operation == self._operation:
            raise KeyboardInterrupt
        return response

"""The entry point of the Lambda function in front of an endpoint.

    lambda_handler.endpoint.handler.handler

It accepts the events of lambda_handler.handler and returns the same responses. boto3 belongs to
Lambda's runtime. If ENDPOINT_NAME is set, importing this module creates its client, so that the
cold start includes it; the first call connects it.
"""

import os
from typing import Any

import boto3

from lambda_handler.endpoint.invocation import LIMITS, EndpointHandler


def _client() -> Any:
    """Return the client of the endpoint's service, or None without an endpoint."""
    if not os.environ.get("ENDPOINT_NAME"):
        return None
    return boto3.client("sagemaker-runtime", config=LIMITS)


handler = EndpointHandler(_client(), os.environ)

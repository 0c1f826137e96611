"""The events that other services of AWS send to functions."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from local_aws.awslambda.calls import Call
from local_aws.awslambda.invocation import enqueue
from local_aws.awslambda.service import Functions
from local_aws.errors import ServiceError

log = logging.getLogger(__name__)


def receive(
    functions: Functions, arn: str, service: str, source_arn: str, event: Mapping[str, Any]
) -> None:
    """Queue an event that a service sends for one of its resources; log why it is not, as on AWS.

    The resource policy of exactly the function, version, or alias must allow it.
    """
    try:
        if functions.permits(arn, service, source_arn):
            enqueue(functions, Call(arn, None, json.dumps(event).encode()))
            return
        reason = f"its resource policy does not allow {service}. Allow it with AddPermission."
    except ServiceError as error:
        reason = str(error)
    log.warning("%s was not invoked for %s: %s", arn, source_arn, reason)

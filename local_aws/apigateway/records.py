"""What is kept of an HTTP API: its routes, integrations, deployments and stages."""

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from local_aws.apigateway.access_logs import AccessLog
from local_aws.apigateway.routing import Router
from local_aws.apigateway.throttling import Bucket

Record = dict[str, Any]
_LETTERS = string.ascii_lowercase + string.digits


def new_id(length: int = 7) -> str:
    """Return an id in the form of API Gateway's."""
    return secrets.choice(string.ascii_lowercase) + "".join(
        secrets.choice(_LETTERS) for _ in range(length - 1)
    )


@dataclass
class Stage:
    """A stage, and what it serves."""

    record: Record
    router: Router | None = None  # of its deployment, once there is one
    bucket: Bucket | None = None  # of the stage; None does not throttle
    log: AccessLog | None = None


@dataclass
class Api:
    """An API, changed under the region's lock."""

    record: Record
    routes: dict[str, Record] = field(default_factory=dict)
    integrations: dict[str, Record] = field(default_factory=dict)
    deployments: dict[str, Record] = field(default_factory=dict)
    routers: dict[str, Router] = field(default_factory=dict)  # deployment id -> what it serves
    stages: dict[str, Stage] = field(default_factory=dict)

    @property
    def api_id(self) -> str:
        """The id, which is in its address."""
        return str(self.record["ApiId"])

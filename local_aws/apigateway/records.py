"""The records of an HTTP API: its routes, integrations, and stages."""

import secrets
import string
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from local_aws import cloud
from local_aws.apigateway.errors import NotFound
from local_aws.apigateway.routing import Router
from local_aws.logs import LogStream

Record = dict[str, Any]
ROUTE, INTEGRATION, AUTHORIZER = "Route", "Integration", "Authorizer"
_LETTERS = string.ascii_lowercase + string.digits


class Bucket:
    """The tokens of one throttle; thread-safe."""

    def __init__(
        self, burst: int, rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._rate = float(burst), rate
        self._clock = clock
        self._tokens, self._time = self._burst, clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take a token; return False if there is none."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._time) * self._rate)
            self._time = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


def new_id(length: int = 7) -> str:
    """Return an id in API Gateway's form."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


@dataclass
class Stage:
    """A stage, with its throttle and its access log."""

    record: Record
    bucket: Bucket | None = None  # None does not throttle
    log: LogStream | None = None  # of its accesses


@dataclass
class Api:
    """An API, changed under the region's lock."""

    record: Record
    parts: dict[str, dict[str, Record]] = field(  # by kind and id
        default_factory=lambda: {ROUTE: {}, INTEGRATION: {}, AUTHORIZER: {}}
    )
    stages: dict[str, Stage] = field(default_factory=dict)
    router: Router = field(default_factory=Router)  # of the routes, for every stage

    @property
    def cors(self) -> Record | None:
        """The CORS settings, or None if the gateway does nothing about CORS."""
        return self.record.get("CorsConfiguration") or None

    @property
    def api_id(self) -> str:
        """The id, which is part of the API's address."""
        return str(self.record["ApiId"])


class FunctionService(Protocol):
    """Lambda in a region. Its errors are ServiceErrors with Lambda's codes."""

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> tuple[bytes, str | None]:
        """Return the response of a function, and its error or None."""

    def permits(self, name: str, service: str, source_arn: str) -> bool:
        """Return whether a service may invoke a function on behalf of an ARN."""


@dataclass
class Region(cloud.Region):
    """HTTP APIs in one region; all regions are needed to find the API of an address."""

    functions: FunctionService = field(kw_only=True)
    all_regions: dict[str, "Region"] = field(kw_only=True)  # by name
    apis: dict[str, Api] = field(default_factory=dict)  # by id


Operation = Callable[[Region, dict[str, Any]], Record]


def find_api(region: Region, request: dict[str, Any]) -> Api:
    """Return the API that a request names; raise NotFound if it does not exist."""
    api_id = request["ApiId"]
    if api_id not in region.apis:
        raise NotFound(f"Invalid API identifier specified {region.settings.account_id}:{api_id}")
    return region.apis[api_id]

"""What the services of a region use of its Lambda functions."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Outcome:
    """The response of a function, or its error, and the end of its log."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: bytes


class FunctionService(Protocol):
    """Lambda in one region, as other services see it."""

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> Outcome:
        """Invoke a function and return its response."""

    def permits(self, name: str, service: str, source_arn: str) -> bool:
        """Return whether a service may invoke a function on behalf of an ARN."""

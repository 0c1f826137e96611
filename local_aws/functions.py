"""The interface through which services use the Lambda functions of their region."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Outcome:
    """The response or error of a function, and the end of its log."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: bytes


class FunctionService(Protocol):
    """Lambda in a region, as other services see it."""

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> Outcome:
        """Invoke a function and return its response."""

    def permits(self, name: str, service: str, source_arn: str) -> bool:
        """Return whether a service may invoke a function on behalf of an ARN."""

"""The limits on concurrent calls, of each function and of the account."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local_aws.awslambda.errors import InvalidParameterValue, TooManyRequests

_MIN_UNRESERVED = 100  # of an account with a limit above that


class Concurrency:
    """Counts the calls in progress and refuses those beyond the limits."""

    def __init__(self, account: int) -> None:
        self._account = account
        self._reserved: dict[str, int] = {}
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def reserved(self, function: str) -> int | None:
        """Return the reserved concurrency of a function, if it has one."""
        return self._reserved.get(function)

    def reservations(self) -> dict[str, int]:
        """Return the reserved concurrency of all functions that have one."""
        with self._lock:
            return dict(self._reserved)

    def restore(self, reservations: Mapping[str, int]) -> None:
        """Set the reserved concurrency of functions as an earlier run had it."""
        with self._lock:
            self._reserved.update(reservations)

    def reserve(self, function: str, calls: int) -> None:
        """Set the reserved concurrency of a function; as on AWS, others need a minimum."""
        with self._lock:
            others = sum(count for name, count in self._reserved.items() if name != function)
            least = min(_MIN_UNRESERVED, self._account)
            if self._account - others - calls < least:
                raise InvalidParameterValue(
                    "Specified ReservedConcurrentExecutions for function decreases account's "
                    "UnreservedConcurrentExecution below its minimum value of "
                    f"[{least}]."
                )
            self._reserved[function] = calls

    def release(self, function: str) -> None:
        """Remove the reserved concurrency of a function, if it has one."""
        with self._lock:
            self._reserved.pop(function, None)

    @contextmanager
    def call(self, function: str) -> Iterator[int]:
        """Count a call while it runs, and yield the count; raise TooManyRequests beyond a limit."""
        with self._lock:
            self._check(function)
            self._calls[function] += 1
            calls = self._calls[function]
        try:
            yield calls
        finally:
            with self._lock:
                self._calls[function] -= 1

    def _check(self, function: str) -> None:
        reserved = self._reserved.get(function)
        if reserved is not None:
            if self._calls[function] >= reserved:
                raise _throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            return
        others = sum(count for name, count in self._calls.items() if name not in self._reserved)
        if others >= self._account - sum(self._reserved.values()):
            raise _throttled("ConcurrentInvocationLimitExceeded")


def _throttled(reason: str) -> TooManyRequests:
    return TooManyRequests("Rate Exceeded.", Reason=reason)

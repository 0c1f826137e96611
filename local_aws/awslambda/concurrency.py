"""How many calls each function, and the account, may have at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from local_aws.errors import InvalidParameterValue, TooManyRequests

UNRESERVED_MINIMUM = 100


class Concurrency:
    """Counts the calls in progress and refuses those beyond the limits."""

    def __init__(self, account: int) -> None:
        self.account = account
        self._reserved: dict[str, int] = {}
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def unreserved(self) -> int:
        """What is left of the account's limit for functions without a reservation."""
        return self.account - sum(self._reserved.values())

    def reserved(self, function: str) -> int | None:
        """Return a function's reservation, if it has one."""
        return self._reserved.get(function)

    def reserve(self, function: str, calls: int) -> None:
        """Set a function's reservation; so many must be left to the others, as on AWS."""
        with self._lock:
            others = sum(count for name, count in self._reserved.items() if name != function)
            if self.account - others - calls < UNRESERVED_MINIMUM:
                raise InvalidParameterValue(
                    "Specified ReservedConcurrentExecutions for function decreases account's "
                    "UnreservedConcurrentExecution below its minimum value of "
                    f"[{UNRESERVED_MINIMUM}].",
                )
            self._reserved[function] = calls

    def release(self, function: str) -> None:
        """Take a function's reservation away, if it has one."""
        with self._lock:
            self._reserved.pop(function, None)

    @contextmanager
    def call(self, function: str) -> Iterator[None]:
        """Count one call while it lasts; raise TooManyRequests if it is one too many."""
        with self._lock:
            self._check(function)
            self._calls[function] += 1
        try:
            yield
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
        if others >= self.unreserved:
            raise _throttled("ConcurrentInvocationLimitExceeded")


def _throttled(reason: str) -> TooManyRequests:
    return TooManyRequests("Rate Exceeded.", Reason=reason)

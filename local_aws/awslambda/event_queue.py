"""Asynchronous calls: each is tried up to three times, as on AWS, and then dropped.

AWS waits one minute before the second attempt of a failing function and two before the third. A
throttled call returns to the queue for up to six hours. An event invoke
configuration may set fewer attempts and a shorter time.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.awslambda.calls import Call, Outcome
from local_aws.awslambda.errors import FunctionNotFound, TooManyRequests
from local_aws.errors import ServiceError
from local_aws.processes import closing

log = logging.getLogger(__name__)
_MAX_ATTEMPTS_AT_ONCE = 64
RETRIES, MAX_AGE = 2, 6 * 3600.0  # defaults; the age in seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # seconds after a throttle; each pause is doubled
_MAX_WAIT = 0.5


@dataclass(order=True)
class _Item:
    due: float
    number: int
    call: Call = field(compare=False)
    queued: float = field(compare=False)
    failures: int = field(default=0, compare=False)
    throttles: int = field(default=0, compare=False)
    retries: int = field(default=RETRIES, compare=False)  # after failures
    max_age: float = field(default=MAX_AGE, compare=False)  # seconds


class EventQueue:
    """Calls whose callers do not wait, handled by threads that end when the queue is empty."""

    def __init__(self, handle: Callable[[Call], Outcome], retry_seconds: tuple[float, ...]) -> None:
        self._handle, self._retry_seconds = handle, retry_seconds
        self._items: list[_Item] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._in_progress = 0
        self._thread: threading.Thread | None = None

    def put(self, call: Call, retries: int = RETRIES, max_age: float = MAX_AGE) -> None:
        """Queue a call, which is dropped after its retries or after some seconds."""
        now = time.monotonic()
        item = _Item(now, next(self._numbers), call, now, retries=retries, max_age=max_age)
        self._push(item)

    def _push(self, item: _Item) -> None:
        with self._changed:
            heapq.heappush(self._items, item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._dispatch, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _dispatch(self) -> None:
        while not closing():
            with self._changed:
                if not self._items:
                    self._thread = None
                    return
                wait = self._items[0].due - time.monotonic()
                if wait > 0 or self._in_progress >= _MAX_ATTEMPTS_AT_ONCE:
                    self._changed.wait(min(wait, _MAX_WAIT) if wait > 0 else _MAX_WAIT)
                    continue
                item = heapq.heappop(self._items)
                self._in_progress += 1
            threading.Thread(target=self._try, args=(item,), daemon=True).start()

    def _try(self, item: _Item) -> None:
        try:
            self._attempt(item)
        except FunctionNotFound as error:
            log.warning("an asynchronous call was dropped: %s", error)
        except Exception:
            if not closing():
                log.exception("an asynchronous call of %s was dropped", item.call.name)
        finally:
            with self._changed:
                self._in_progress -= 1
                self._changed.notify_all()

    def _attempt(self, item: _Item) -> None:
        try:
            outcome = self._handle(item.call)
        except TooManyRequests:
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**item.throttles)
            item.throttles += 1
            self._retry(item, pause, "was throttled")
            return
        except FunctionNotFound:  # another one of its name must not get it
            raise
        except ServiceError as error:
            self._fail(item, str(error))
            return
        if outcome.function_error is not None:
            self._fail(item, outcome.payload.decode("utf-8", "replace")[:200])

    def _fail(self, item: _Item, reason: str) -> None:
        if item.failures < min(item.retries, len(self._retry_seconds)):
            item.failures += 1
            self._retry(item, self._retry_seconds[item.failures - 1], "failed")
            return
        log.warning(
            "an asynchronous call of %s was dropped after %d attempts: %s",
            *(item.call.name, item.failures + 1, reason),
        )

    def _retry(self, item: _Item, seconds: float, reason: str) -> None:
        if time.monotonic() + seconds - item.queued > item.max_age:
            message = "an asynchronous call of %s %s until it was too old, and was dropped"
            log.warning(message, item.call.name, reason)
            return
        item.due = time.monotonic() + seconds
        self._push(item)

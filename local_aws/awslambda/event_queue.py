"""Asynchronous calls: each is tried up to three times, as AWS does; what fails then is dropped.

AWS waits one minute before the second and two before the third try of a function that fails. A
call that is throttled goes back to the queue for up to six hours.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.awslambda.calls import Call
from local_aws.errors import FunctionNotFound, ServiceError, TooManyRequests
from local_aws.functions import Outcome
from local_aws.processes import closing

log = logging.getLogger(__name__)
_AT_ONCE = 64  # tries in progress
_MOST_AGE = 6 * 3600.0  # seconds that a call may wait
_THROTTLED_PAUSE = (1.0, 300.0)  # the first one, doubled up to the last
_LONGEST_LOOK = 0.5


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    call: Call = field(compare=False)
    born: float = field(compare=False)
    failed: int = field(default=0, compare=False)
    throttled: int = field(default=0, compare=False)


class EventQueue:
    """Calls whose callers do not wait, handled by threads that end when there is nothing to do."""

    def __init__(self, handle: Callable[[Call], Outcome], retry_seconds: tuple[float, ...]) -> None:
        self._handle, self._retry_seconds = handle, retry_seconds
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._in_progress = 0
        self._thread: threading.Thread | None = None

    def put(self, call: Call) -> None:
        """Queue a call."""
        now = time.monotonic()
        self._push(_Waiting(now, next(self._numbers), call, born=now))

    def _push(self, item: _Waiting) -> None:
        with self._changed:
            heapq.heappush(self._waiting, item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._dispatch, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _dispatch(self) -> None:
        while not closing():
            with self._changed:
                if not self._waiting:
                    self._thread = None
                    return
                wait = self._waiting[0].due - time.monotonic()
                if wait > 0 or self._in_progress >= _AT_ONCE:
                    self._changed.wait(min(wait, _LONGEST_LOOK) if wait > 0 else _LONGEST_LOOK)
                    continue
                item = heapq.heappop(self._waiting)
                self._in_progress += 1
            threading.Thread(target=self._try, args=(item,), daemon=True).start()

    def _try(self, item: _Waiting) -> None:
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

    def _attempt(self, item: _Waiting) -> None:
        try:
            outcome = self._handle(item.call)
        except TooManyRequests:
            first, last = _THROTTLED_PAUSE
            item.throttled += 1
            self._again(item, min(last, first * 2.0 ** (item.throttled - 1)), "was throttled")
            return
        except ServiceError as error:
            self._failed(item, str(error))
            return
        if outcome.function_error is not None:
            self._failed(item, outcome.payload.decode("utf-8", "replace")[:200])

    def _failed(self, item: _Waiting, reason: str) -> None:
        if item.failed >= len(self._retry_seconds):
            log.warning(
                "an asynchronous call of %s was dropped after %d tries: %s",
                *(item.call.name, item.failed + 1, reason),
            )
            return
        item.failed += 1
        self._again(item, self._retry_seconds[item.failed - 1], "failed")

    def _again(self, item: _Waiting, seconds: float, why: str) -> None:
        if time.monotonic() + seconds - item.born > _MOST_AGE:
            log.warning("an asynchronous call of %s %s for six hours", item.call.name, why)
            return
        item.due = time.monotonic() + seconds
        self._push(item)

"""Calls of functions, and the queue of asynchronous ones, each of which is tried up to three times.

A throttled call returns to the queue for up to six hours. An event invoke configuration may set
fewer attempts and a shorter time.
"""

import json
import logging
import sched
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.awslambda.errors import (
    FunctionNotFound,
    InvalidRequestContent,
    RequestTooLarge,
    TooManyRequests,
)
from local_aws.errors import ServiceError
from local_aws.processes import closing, pause

MAX_REQUEST_BYTES = 6_291_456
MAX_EVENT_BYTES = 1_048_576  # of an asynchronous call; 262,144 until October 2025
log = logging.getLogger(__name__)
_MAX_ATTEMPTS_AT_ONCE = 64
RETRIES, MAX_AGE = 2, 6 * 3600.0  # defaults; the age in seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # seconds after a throttle; each pause is doubled
_MAX_WAIT = 0.05  # seconds between looks at the queue


@dataclass(frozen=True)
class Call:
    """One call; the name may be an ARN, and the qualifier a version or an alias."""

    name: str
    qualifier: str | None
    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Outcome:
    """The response or error of a function, and the end of its log."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: bytes


def check_payload(payload: bytes, max_bytes: int = MAX_REQUEST_BYTES) -> None:
    """Raise an error unless a payload is JSON within the limit; an empty one counts as {}."""
    if len(payload) > max_bytes:
        raise RequestTooLarge(
            f"Request must be smaller than {max_bytes} bytes for the InvokeFunction operation"
        )
    try:
        json.loads((payload or b"{}").decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise not_json(error) from error


def not_json(error: Exception) -> InvalidRequestContent:
    """Return the error for a body that is not JSON."""
    return InvalidRequestContent(f"Could not parse request body into json: {error}")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")  # Python would read it


@dataclass
class _Item:
    call: Call
    retries: int  # after failures
    max_age: float  # seconds
    queued: float = field(default_factory=time.monotonic)
    failures: int = 0
    throttles: int = 0


class EventQueue:
    """Calls whose callers do not wait, handled by threads that end when the queue is empty."""

    def __init__(self, handle: Callable[[Call], Outcome], retry_seconds: tuple[float, ...]) -> None:
        self._handle, self._retry_seconds = handle, retry_seconds
        self._items = sched.scheduler(time.monotonic)
        self._lock, self._slots = threading.Lock(), threading.Semaphore(_MAX_ATTEMPTS_AT_ONCE)
        self._thread: threading.Thread | None = None

    def put(self, call: Call, retries: int = RETRIES, max_age: float = MAX_AGE) -> None:
        """Queue a call, which is dropped after its retries or after some seconds."""
        self._push(_Item(call, retries, max_age), 0.0)

    def _push(self, item: _Item, seconds: float) -> None:
        with self._lock:
            self._items.enter(seconds, 0, self._start, (item,))
            if self._thread is None:
                self._thread = threading.Thread(target=self._dispatch, daemon=True)
                self._thread.start()

    def _dispatch(self) -> None:
        while not closing():
            with self._lock:
                if self._items.empty():
                    self._thread = None
                    return
            pause(min(self._items.run(blocking=False) or 0.0, _MAX_WAIT))

    def _start(self, item: _Item) -> None:
        self._slots.acquire()
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
            self._slots.release()

    def _attempt(self, item: _Item) -> None:
        try:
            outcome = self._handle(item.call)
        except TooManyRequests:
            seconds = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**item.throttles)
            item.throttles += 1
            self._retry(item, seconds, "was throttled")
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
        self._push(item, seconds)

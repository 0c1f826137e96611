"""The end of each minute: metrics are stored, and alarms are evaluated."""

import logging
import threading
import time

from local_aws.monitoring import actions, alarms, queries, utilization
from local_aws.monitoring.actions import Send
from local_aws.monitoring.metrics import RECORDER
from local_aws.processes import closing, pause
from local_aws.settings import Settings

log = logging.getLogger(__name__)
_LONGEST_PAUSE = 0.5  # seconds between checks for the end of the local AWS


def start(settings: Settings, send: Send) -> None:
    """Set the length of a minute, and begin to work at the end of each; `send` calls functions."""
    RECORDER.minute_seconds = settings.minute_seconds
    queries.install()
    alarms.install(settings, send)
    actions.install(send)
    threading.Thread(target=_run, args=(settings,), name="clock", daemon=True).start()


def _run(settings: Settings) -> None:
    minute = settings.minute_seconds
    due = (time.time() // minute + 1) * minute
    while not closing():
        left = due - time.time()
        if left > 0:
            pause(min(left, _LONGEST_PAUSE))
            continue
        try:
            utilization.sample_all(due - minute / 2)
            RECORDER.flush(due)
            alarms.evaluate_all(settings, due)
        except Exception:
            log.exception("the metrics of a minute could not be stored or evaluated")
        due = (max(due, time.time()) // minute + 1) * minute

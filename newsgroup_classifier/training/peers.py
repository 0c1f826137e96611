"""The other workers of a training job: their addresses, and whether they are still alive.

TensorFlow notices when a worker ends during a step, but waits forever for one that ends before all
have joined. So each worker checks whether the ports of the others accept connections.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_MISSES = 5  # failed checks in a row after which a worker counts as gone


@dataclass(frozen=True)
class Waits:
    """Seconds between checks, before a gone worker is reported, and for all workers to join.

    The grace period lets TensorFlow report errors of a step, because its messages are better. The
    machines of a job do not start at the same time.
    """

    pause: float = 1.0
    grace: float = 15.0
    joining: float = 300.0


def read_workers(config: str) -> tuple[list[str], int]:
    """Return the addresses of the workers in TF_CONFIG, if any, and the index of this one."""
    content = json.loads(config or "{}")
    addresses = content.get("cluster", {}).get("worker", [])
    return addresses, content["task"]["index"] if addresses else 0


class PeerWatch:
    """A thread that checks the other workers and calls `on_lost` when one of them is gone."""

    def __init__(
        self, others: Sequence[str], on_lost: Callable[[str], None], waits: Waits = Waits()
    ) -> None:
        self._on_lost, self._waits = on_lost, waits
        self._misses: dict[str, int | None] = dict.fromkeys(others)  # None: not seen yet
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start checking."""
        threading.Thread(target=self._run, daemon=True, name="peer watch").start()

    def stop(self) -> None:
        """Stop checking; from now on, the others may end."""
        self._stopped.set()

    def _run(self) -> None:
        deadline = time.monotonic() + self._waits.joining
        while not self._stopped.wait(self._waits.pause):
            for address, misses in self._misses.items():
                if answers(address):
                    self._misses[address] = 0
                elif misses is not None:
                    self._misses[address] = misses + 1
            reason = self._reason(time.monotonic() > deadline)
            if reason and not self._stopped.wait(self._waits.grace):
                self._on_lost(reason)
                return

    def _reason(self, late: bool) -> str:
        for address, misses in self._misses.items():
            if misses is not None and misses >= _MISSES:
                return (
                    f"another worker of this job, at {address}, has ended or cannot be reached. "
                    "See its log, and start the job again to resume from the checkpoints."
                )
            if misses is None and late:
                return (
                    f"another worker of this job, at {address}, did not join within "
                    f"{self._waits.joining:g} seconds. See its log."
                )
        return ""


def answers(address: str) -> bool:
    """Return whether the address (host:port) accepts connections."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return True
    except OSError:
        return False

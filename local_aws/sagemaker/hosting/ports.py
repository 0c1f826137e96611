"""Ports for containers and jobs; no two of them get the same port."""

import random
import socket
import threading
from collections.abc import Iterable

_lock = threading.Lock()
_in_use: set[int] = set()
# Ranges start below the ports that operating systems use for outgoing connections.
_RANGES = range(12000, 32000)
_TRIES = 1000


def take_ports(count: int) -> range:
    """Reserve and return consecutive ports of 127.0.0.1 that are free."""
    with _lock:
        for _ in range(_TRIES):
            low = random.choice(_RANGES)  # noqa: S311 - so two local AWSs rarely collide
            ports = range(low, low + count)
            if not _in_use.intersection(ports) and _are_free(ports):
                _in_use.update(ports)
                return ports
    raise OSError(f"no {count} consecutive free ports between {_RANGES.start} and {_RANGES.stop}")


def give_back(ports: Iterable[int]) -> None:
    """Release ports."""
    with _lock:
        _in_use.difference_update(ports)


def _are_free(ports: Iterable[int]) -> bool:
    try:
        for port in ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True

"""Ports for containers and jobs: no two of this local AWS are given the same one."""

import random
import socket
import threading
from collections.abc import Iterable

_lock = threading.Lock()
_in_use: set[int] = set()
# Where ranges begin: below the ports that systems give to outgoing connections.
_RANGES = range(12000, 32000)
_TRIES = 1000


def take_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and keep it from other containers."""
    with _lock:
        probes: list[socket.socket] = []
        try:
            while True:  # a port just given away is free until its container listens
                probe = socket.socket()
                probes.append(probe)
                probe.bind(("127.0.0.1", 0))
                port: int = probe.getsockname()[1]
                if port not in _in_use:
                    _in_use.add(port)
                    return port
        finally:
            for probe in probes:
                probe.close()


def give_back(port: int) -> None:
    """Let other containers have a port again."""
    with _lock:
        _in_use.discard(port)


def take_range(count: int) -> range:
    """Return so many ports in a row that nobody listens on, and keep them from others."""
    with _lock:
        for _ in range(_TRIES):
            low = random.choice(_RANGES)  # noqa: S311 - two local AWSs are unlikely to meet
            ports = range(low, low + count)
            if not _in_use.intersection(ports) and _are_free(ports):
                _in_use.update(ports)
                return ports
    raise OSError(f"no {count} free ports in a row between {_RANGES.start} and {_RANGES.stop}")


def _are_free(ports: Iterable[int]) -> bool:
    try:
        for port in ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True

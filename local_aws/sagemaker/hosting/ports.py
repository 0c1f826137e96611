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


def take_port() -> int:
    """Reserve and return a port of 127.0.0.1 that is free."""
    with _lock:
        probes: list[socket.socket] = []
        try:
            while True:  # a reserved port appears free until its container listens on it
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
    """Release a port."""
    with _lock:
        _in_use.discard(port)


def take_range(count: int) -> range:
    """Reserve and return consecutive ports of 127.0.0.1 that are free."""
    with _lock:
        for _ in range(_TRIES):
            low = random.choice(_RANGES)  # noqa: S311 - so two local AWSs rarely collide
            ports = range(low, low + count)
            if not _in_use.intersection(ports) and _are_free(ports):
                _in_use.update(ports)
                return ports
    raise OSError(f"no {count} consecutive free ports between {_RANGES.start} and {_RANGES.stop}")


def _are_free(ports: Iterable[int]) -> bool:
    try:
        for port in ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True

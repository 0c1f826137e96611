"""Ports for containers: no two containers of this local AWS are given the same one."""

import socket
import threading

_lock = threading.Lock()
_in_use: set[int] = set()


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

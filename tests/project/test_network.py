"""No test can connect to another machine."""

import socket

import pytest


def test_connection_to_another_machine_is_refused():
    with pytest.raises(RuntimeError, match="tests use this machine only"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_name_of_another_machine_is_not_resolved():
    with pytest.raises(RuntimeError, match=r"'example\.com'"):
        socket.getaddrinfo("example.com", 80)

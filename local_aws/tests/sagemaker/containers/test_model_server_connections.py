"""The connections that an HTTP server keeps open to its model server."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sagemaker_tensorflow_serving_container import upstream
from sagemaker_tensorflow_serving_container.upstream import Upstream

from local_aws.sagemaker.hosting.ports import give_back, take_ports


@contextmanager
def server_that_answers_once(port: int) -> Iterator[list[bytes]]:
    """Answer only the first request of each connection; yield the list of all requests."""
    requests: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            requests.append(self.request.recv(4096))
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            while later := self.request.recv(4096):
                requests.append(later)

    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield requests
        server.shutdown()


def test_request_that_times_out_is_not_sent_again(monkeypatch):
    monkeypatch.setattr(upstream, "_TIMEOUT_SECONDS", 0.3)
    (port,) = take_ports(1)
    with server_that_answers_once(port) as requests:
        server = Upstream([port])
        assert server.request("POST", "/", b"first") == (200, b"")
        with pytest.raises(TimeoutError):
            server.request("POST", "/", b"second")
        assert sum(b"POST" in request for request in requests) == 2
    give_back([port])

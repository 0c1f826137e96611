"""The connections that a front keeps to its model server."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sagemaker_tensorflow_serving_container import upstream
from sagemaker_tensorflow_serving_container.upstream import Upstream

from local_aws.sagemaker.hosting.ports import give_back, take_range


@contextmanager
def server_that_answers_once(port: int) -> Iterator[list[bytes]]:
    """Answer the first request of each connection and no second one; give all that came."""
    came: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            came.append(self.request.recv(4096))
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            while later := self.request.recv(4096):
                came.append(later)

    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield came
        server.shutdown()


def test_request_without_an_answer_in_time_is_not_sent_again(monkeypatch):
    monkeypatch.setattr(upstream, "_SECONDS", 0.3)
    (port,) = take_range(1)
    with server_that_answers_once(port) as came:
        server = Upstream([port])
        assert server.ask("POST", "/", b"first") == (200, b"")
        with pytest.raises(TimeoutError):
            server.ask("POST", "/", b"second")
        assert sum(b"POST" in request for request in came) == 2
    give_back(port)

"""A TCP server that answers as S3 does, or as S3 does on a bad day."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Reply = Callable[[socket.socket], None]


class S3Server:
    """Answers each connection with the reply that is set; keeps the requests it got."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.reply: Reply = missing
        self.requests: list[str] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Answer connections, one after the other, until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                request = b""
                while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
                    request += piece
                self.requests.append(request.decode("latin-1"))
                try:
                    self.reply(connection)
                except OSError:
                    continue  # the client has had enough


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = S3Server(listener)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def whole(content: bytes) -> Reply:
    """Reply with an object."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + content)


def refused(status: int, code: str, *headers: str) -> Reply:
    """Reply with one of S3's errors."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>"
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", body]
    return lambda connection: connection.sendall("\r\n".join(lines).encode())


missing = refused(404, "NoSuchKey")


def cut_off(content: bytes) -> Reply:
    """Reply with the first half of an object, and hang up."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + content[: len(content) // 2])


def silent(server: S3Server) -> Reply:
    """Say nothing until the server is stopped."""

    def reply(connection: socket.socket) -> None:
        server.released.wait()

    return reply


def dripping(content: bytes) -> Reply:
    """Reply with an object byte by byte: never silent, never done."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode())
        for index in range(len(content)):
            connection.sendall(content[index : index + 1])
            time.sleep(0.02)

    return reply

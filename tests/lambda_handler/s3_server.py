"""A TCP server that responds like S3, or like S3 with faults."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Reply = Callable[[socket.socket], None]


class S3Server:
    """Responds to each connection with the current reply, and records the requests."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.reply: Reply = missing
        self.requests: list[str] = []
        self.released = threading.Event()
        self._tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """The address."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def secure(self, folder: Path) -> Path:
        """Use TLS for new connections; return the certificate that clients must trust."""
        path = _certificate(folder)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(path)
        return path

    def serve(self) -> None:
        """Respond to connections one by one until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    self._answer(connection)
            except OSError:
                connection.close()  # the client hung up, or does not trust the certificate

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
            request += piece
        self.requests.append(request.decode("latin-1"))
        self.reply(connection)


def _certificate(folder: Path) -> Path:
    """Write a key and a self-signed certificate for this machine; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server on a free port."""
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


def complete(content: bytes) -> Reply:
    """Reply with an object."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + content)


def error(status: int, code: str, *headers: str) -> Reply:
    """Reply with an error of S3."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>"
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", body]
    return lambda connection: connection.sendall("\r\n".join(lines).encode())


missing = error(404, "NoSuchKey")


def cut_off(content: bytes) -> Reply:
    """Reply with the first half of an object, then hang up."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + content[: len(content) // 2])


def silent(server: S3Server) -> Reply:
    """Send nothing until the server is stopped."""

    def reply(connection: socket.socket) -> None:
        server.released.wait()

    return reply


def slow(head: str, tail: bytes) -> Reply:
    """Reply with the head at once and with the tail byte by byte."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(head.encode())
        for index in range(len(tail)):
            connection.sendall(tail[index : index + 1])
            time.sleep(0.02)

    return reply


def environment(
    server, model_file, uri="s3://bucket/model.npz", endpoint="AWS_ENDPOINT_URL"
) -> dict[str, str]:
    """Return the variables of a function whose model is on the server."""
    return {
        "MODEL_URI": uri,
        "MODEL_SHA256": model_file.sha256,
        endpoint: server.url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }

"""Serve the playground to the browser of this computer, and to no page of another site.

A page of any site can send requests to 127.0.0.1 and, after DNS rebinding, read the responses. The
server therefore answers only to its own names, and to requests that its own page made.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from lambda_handler.endpoint.invocation import MAX_BYTES
from lambda_handler.errors import NotFound
from lambda_handler.events import public_error
from lambda_handler.page.assembly import PLAYGROUND, Page, assemble
from newsgroup_classifier.errors import (
    DataError,
    PayloadTooLarge,
    RequestError,
    ServingError,
    UnsupportedMediaType,
)
from scripts.account.aws import Aws
from scripts.account.messages import message_of
from scripts.page.deployments import Deployments

HOST = "127.0.0.1"
_NAMES = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_SAFE_SITES = ("same-origin", "none")  # the page itself, or an address that a person typed
_JSON_HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
_FILE = "the file"  # in messages
_MOST_IMAGE = 100_000_000  # bytes, as in page.js; only its pixels go to the model
_HINT = "There is no model in this environment. Deploy one, and reload the list."


class PlaygroundServer(ThreadingHTTPServer):
    """The server of the page of a stack, on a port of this computer."""

    daemon_threads = True

    def __init__(self, port: int, aws: Aws, stack: str) -> None:
        super().__init__((HOST, port), _Handler)
        self.aws, self.stack = aws, stack
        self.deployments = Deployments(aws, stack)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an unexpected error, unless the browser has closed the connection."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            _report(error)

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.server_port}/"

    def models(self) -> dict[str, Any]:
        """Return what the page shows of the environment and its models."""
        where = f"the local AWS at {self.aws.endpoint_url}" if self.aws.is_local else "AWS"
        account = f"account {self.aws.account_id}, region {self.aws.region}"
        common = {
            "region": self.aws.region,
            "local": self.aws.endpoint_url if self.aws.is_local else None,
        }
        return {
            "where": f"Environment {self.stack} on {where}, {account}",
            "hint": _HINT,
            "models": [each.describe() | common for each in self.deployments.find()],
        }


class _Handler(BaseHTTPRequestHandler):
    server: PlaygroundServer
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds of an idle connection

    def do_GET(self) -> None:
        """Send the page, or the list of models."""
        self._answer({"/": lambda: assemble(PLAYGROUND), "/models": self.server.models})

    def do_POST(self) -> None:
        """Send the prediction of a model, or the pixels that it gets of an image."""
        self._answer({"/predict": self._predict, "/pixels": self._pixels})

    def _answer(self, routes: dict[str, Any]) -> None:
        if reason := self._refusal():
            self._send(403, f"{reason}\n".encode(), {"content-type": "text/plain"})
            return
        try:
            path = urlsplit(self.path).path
            if path not in routes:
                raise NotFound(f"the playground has no {self.command} {path[:80]}")
            status, content = 200, routes[path]()
        except Exception as error:
            public = _error_of(error)
            status, content = (
                public.status,
                {"error": {"code": public.code, "message": str(public)}},
            )
        if isinstance(content, Page):
            self._send(status, content.body.encode(), content.headers)
        else:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self._send(status, body, _JSON_HEADERS)

    def _refusal(self) -> str:
        """Return why a request is refused, or "" if the page or a program of a person sent it."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        if not _NAMES.fullmatch(host):
            return "The playground answers only to 127.0.0.1 and localhost; check the Host header."
        is_own = origin in (None, f"http://{host}")
        if not is_own or self.headers.get("Sec-Fetch-Site", "none") not in _SAFE_SITES:
            return "The playground does not answer pages of other sites."
        return ""

    def _predict(self) -> bytes:
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise UnsupportedMediaType(
                "the content type is not accepted; expected application/json"
            )
        body = self._body()
        (model,) = parse_qs(urlsplit(self.path).query).get("model", [""])[:1]
        return self.server.deployments.predict(model, body)

    def _pixels(self) -> list[list[int]]:
        """Return the image in a request as a model of own images gets it, or one of drawings."""
        from newsgroup_classifier.datasets.files.images import drawn_pixels, gray_pixels

        body = self._body(_MOST_IMAGE)
        (fit,) = parse_qs(urlsplit(self.path).query).get("fit", [""])[:1]
        if fit and not re.fullmatch("[1-9]|1[0-9]|2[0-8]", fit):
            raise RequestError(f"fit is {fit[:20]!r}; expected a number of pixels from 1 to 28")
        try:
            image = drawn_pixels(body, _FILE, int(fit)) if fit else gray_pixels(body, _FILE)
        except DataError as error:
            raise RequestError(str(error)) from None
        pixels: list[list[int]] = image.tolist()
        return pixels

    def _body(self, most: int = MAX_BYTES) -> bytes:
        length = self.headers.get("Content-Length", "")
        size = int(length) if re.fullmatch("[0-9]{1,12}", length) else most + 1
        if size > most:
            self.close_connection = True
            raise PayloadTooLarge(
                f"the request has {length or 'an unknown number of'} bytes; expected at most "
                f"{most:,}. Send fewer or shorter texts, or a smaller image."
            )
        return self.rfile.read(size)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        if status >= 400:  # the rest of the request may not have been read
            self.close_connection = True
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep the requests out of stderr."""


def _error_of(error: Exception) -> ServingError:
    """Return the error for the page, with the reason of AWS but without internal details."""
    if isinstance(error, BotoCoreError | ClientError):
        return ServingError(message_of(error))
    if not isinstance(error, ServingError):
        _report(error)
    return public_error(error)


def _report(error: BaseException) -> None:
    """Print the kind of an unexpected error, but not its message, which may contain a text."""
    print(f"the playground could not answer a request: {type(error).__name__}", file=sys.stderr)

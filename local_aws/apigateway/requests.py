"""A request to an HTTP API, before it becomes an event."""

import base64
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

# Measured on AWS (ministackorg/ministack pull request 766). All other types are binary, even forms.
_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")
Event = dict[str, Any]


def _new_request_id() -> str:
    """Return an id in API Gateway's form: 15 characters and an equals sign."""
    return base64.b64encode(secrets.token_bytes(11)).decode()[:15].replace("/", "-") + "="


@dataclass(frozen=True)
class ApiRequest:
    """One request, with header names in lower case and repeated headers joined by commas."""

    method: str
    path: str  # as it was sent, including the name of the stage, without the query string
    query: str
    headers: dict[str, str]
    body: bytes
    source_ip: str
    domain: str
    sent: Sequence[tuple[str, str]] = ()  # the headers, one by one
    protocol: str = "HTTP/1.1"
    request_id: str = field(default_factory=_new_request_id)
    epoch_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def values(self, name: str) -> list[str]:
        """Return the values of a header, one by one if it was sent several times."""
        text = self.headers[name]
        values = [value for key, value in self.sent if key.lower() == name]
        return values if values and ",".join(values) == text else [text]

    @property
    def cookies(self) -> list[str]:
        """The cookies of the Cookie header, one by one."""
        cookies = self.headers.get("cookie", "").split(";")
        return [cookie.strip() for cookie in cookies if cookie.strip()]

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The decoded values of the query string by name, in their order."""
        return parse_qs(self.query, keep_blank_values=True, errors="replace")

    @property
    def time_text(self) -> str:
        """The time of the request in the format of access logs."""
        return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.epoch_ms / 1000))

    @property
    def user_agent(self) -> str:
        """The name of the client program."""
        return self.headers.get("user-agent", "")

    def encoded_body(self) -> tuple[str, bool]:
        """Return the body as an event contains it, and whether that is base64."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith("text/") or kind in _TEXT_TYPES:
            try:
                return self.body.decode(), False
            except UnicodeDecodeError:
                pass  # a body that is not valid text is binary
        return base64.b64encode(self.body).decode(), bool(self.body)

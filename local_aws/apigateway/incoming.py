"""A request to an HTTP API, as the gateway sees it before it becomes an event."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

# Measured on AWS: ministackorg/ministack pull request 766. All else is binary to it, forms too.
_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")


@dataclass(frozen=True)
class Incoming:
    """One request; header names in lower case, a header given twice joined with commas."""

    method: str
    path: str  # as it was sent, without the query string, with the stage's name in front
    query: str
    headers: dict[str, str]
    cookies: list[str]
    body: bytes
    source_ip: str
    domain: str
    protocol: str = "HTTP/1.1"
    request_id: str = field(default_factory=lambda: new_request_id())
    epoch_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The parameters of the query string, decoded, in their order."""
        return parse_qsl(self.query, keep_blank_values=True, errors="replace")

    @property
    def time_text(self) -> str:
        """The time of the request as access logs write it."""
        return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.epoch_ms / 1000))

    @property
    def user_agent(self) -> str:
        """The program that calls."""
        return self.headers.get("user-agent", "")

    def encoded_body(self) -> tuple[str, bool]:
        """Return the body as an event carries it, and whether that is base64."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith("text/") or kind in _TEXT_TYPES:
            try:
                return self.body.decode(), False
            except UnicodeDecodeError:
                pass  # what claims to be text and is not travels like any bytes
        return base64.b64encode(self.body).decode(), True


def new_request_id() -> str:
    """Return an id in the form of API Gateway's: 15 letters and an equals sign."""
    return base64.b64encode(secrets.token_bytes(11)).decode()[:15].replace("/", "-") + "="


def split_cookies(header: str) -> list[str]:
    """Return the cookies of a Cookie header, one by one."""
    return [part.strip() for part in header.split(";") if part.strip()]


def group(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return values by name, in their order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


Event = dict[str, Any]

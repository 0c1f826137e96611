"""Put the page together: one HTML document, and the headers that bind the browser to it."""

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

API, PLAYGROUND = "api", "playground"
_FOLDER = Path(__file__).parent
_SCRIPTS = ("page.js", "drawing.js", "table.js", "start.js")


class Page(NamedTuple):
    """An HTML document and the headers of its response."""

    body: str
    headers: dict[str, str]


def assemble(mode: str) -> Page:
    """Return the page of an API with one model, or of the playground.

    It loads nothing. The browser runs only the script and style whose hashes are in the headers,
    connects only to the server of the page, and shows it in no frame of another site.
    """
    style, script = _read("page.css"), "".join(map(_read, _SCRIPTS))
    body = _read("page.html").replace("{mode}", mode)
    body = body.replace("{style}", style).replace("{script}", script)
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return Page(body, headers)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _source(content: str) -> str:
    """Return what names an inline script or style in a policy."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

"""Read the texts of a request: one text or up to a hundred, as JSON or plain text.

All functions raise a RequestError that names the item.
"""

from dataclasses import dataclass
from typing import Any, NoReturn

from newsgroup_classifier.errors import PayloadTooLarge, RequestError, UnsupportedMediaType
from newsgroup_classifier.explanations.words import refusal
from newsgroup_classifier.text.request_bodies import (
    check_text,
    decode_texts,
    parse_json,
    read_count,
    request_type,
    type_name,
    wrong_keys,
)

JSON, TEXT = "application/json", "text/plain"
REQUEST_TYPES = (JSON, TEXT)
MAX_TEXTS = 100
# Lambda's limit for events is 6 MB, and base64 turns three bytes into four.
MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class Texts:
    """The texts of a request, and how many words to explain each label with; 0: none."""

    texts: list[str]
    explain: int = 0


def check_encoding(header: str) -> None:
    """Raise UnsupportedMediaType if the header Content-Encoding names a compression."""
    if header.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType(
            f"the content encoding {header[:40]!r} is not accepted. Send the body uncompressed."
        )


def read_texts(body: bytes, content_type: str) -> Texts:
    """Return the texts of a body; JSON is the default content type."""
    kind = request_type(content_type or JSON, REQUEST_TYPES)
    if len(body) > MAX_BYTES:
        raise PayloadTooLarge(
            f"the body has {len(body):,} bytes; expected at most {MAX_BYTES:,}. Send fewer texts."
        )
    text = decode_texts(body)
    return check_texts([text] if kind == TEXT else parse_json(text, "the body", _refuse_constant))


def check_texts(content: Any) -> Texts:
    """Return the texts in parsed JSON: {"text": ...}, {"instances": [...]} or a list.

    Next to "text" or "instances", "explain" asks for explanations.
    """
    explain = 0
    if isinstance(content, dict):
        if "explain" in content and len(content) > 1:
            explain = read_count(content["explain"], "explain")
            content = {name: value for name, value in content.items() if name != "explain"}
        content = _items(content)
    if not isinstance(content, list):
        raise RequestError(
            f'the JSON is {type_name(content)}; expected {{"text": "..."}} or '
            '{"instances": ["..."]}'
        )
    if not content:
        raise RequestError("the request has no texts; expected at least one")
    if len(content) > MAX_TEXTS:
        raise RequestError(
            f"the request has {len(content):,} texts; expected at most {MAX_TEXTS}. "
            "Send them in several requests."
        )
    for index, item in enumerate(content):
        check_text(item, index)
    if explain and (reason := refusal(content)):
        raise RequestError(reason)
    return Texts(content, explain)


def _items(content: dict[str, Any]) -> Any:
    if len(content) == 1:
        if "instances" in content:
            instances = content["instances"]
            if isinstance(instances, list):
                return instances
            raise RequestError(f'"instances" is {type_name(instances)}; expected a list of texts')
        if "text" in content:
            return [content["text"]]
    expected = '"text" or "instances", and optionally "explain"'
    raise wrong_keys(content, expected, ("text", "instances", "explain"))


def _refuse_constant(name: str) -> NoReturn:
    raise RequestError(f"the body is not JSON: {name} is not a JSON number")

"""Read a body of JSON: the list that a request has its items in, and names for what is in it."""

import json
from typing import Any

from newsgroup_classifier.errors import RequestError

_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


def decode_body(body: str | bytes) -> str:
    """Return the text of a body; raise RequestError if it is not UTF-8."""
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
        ) from None


def parse_json(text: str, what: str) -> Any:
    """Return parsed JSON; raise RequestError naming what is none, and where."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise RequestError(f"{what} is not JSON: {error.msg} at {where}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{what} is JSON that cannot be read: {type(error).__name__}") from None


def name_of(value: Any) -> str:
    """Return what a value of parsed JSON is, in words."""
    return _NAMES.get(type(value), type(value).__name__)


def instances_of(content: Any, items: str, beside: tuple[str, ...] = ()) -> list[Any]:
    """Return the items of a bare list or of {"instances": [...]}; raise RequestError for others.

    `beside` are keys that may stand there, too, and were taken out before.
    """
    if isinstance(content, dict):
        unknown = [key for key in content if key != "instances"]
        if unknown or "instances" not in content:
            found = ", ".join(repr(key) for key in content) or "none"
            names = " or ".join(f'"{name}"' for name in beside)
            alone = f", and beside it {names} at most" if names else " alone"
            raise RequestError(f'the JSON object has the keys {found}; expected "instances"{alone}')
        content = content["instances"]
    if not isinstance(content, list):
        raise RequestError(
            f'the JSON is {name_of(content)}; expected a list of {items} or {{"instances": [...]}}'
        )
    return content

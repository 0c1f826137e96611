"""Read JSON bodies: the list of items in a request, and the names of JSON types for messages."""

import json
from typing import Any

from newsgroup_classifier.errors import RequestError, name_list

_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
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


def parse_json(text: str, name: str) -> Any:
    """Return parsed JSON; raise RequestError with the name of the text and the place in it."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise RequestError(f"{name} is not JSON: {error.msg} at {where}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{name} is unreadable JSON: {type(error).__name__}") from None


def type_name(value: Any) -> str:
    """Return the type of a value of parsed JSON, in words."""
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def read_instances(content: Any, items: str, options: tuple[str, ...] = ()) -> list[Any]:
    """Return the items of a bare list or of {"instances": [...]}; raise RequestError otherwise.

    `options` are the names of further keys that are allowed; the caller has removed them.
    """
    if isinstance(content, dict):
        if list(content) != ["instances"]:
            keys = f"the keys {name_list(list(content), repr)}" if content else "no keys"
            names = " or ".join(f'"{name}"' for name in options)
            more = f" and, optionally, {names}" if names else " alone"
            raise RequestError(f'the JSON object has {keys}; expected "instances"{more}')
        content = content["instances"]
    if not isinstance(content, list):
        raise RequestError(
            f"the JSON is {type_name(content)}; expected a list of {items} or "
            '{"instances": [...]}'
        )
    return content

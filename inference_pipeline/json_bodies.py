"""Read JSON bodies: the list of items in a request, and the names of JSON types for messages."""

import json
from typing import Any

from inference_pipeline.bodies import BYTE_ORDER_MARK
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


def parse_json(text: str, name: str) -> Any:
    """Return parsed JSON; raise RequestError with the name of the text and the place in it.

    A key that occurs twice in an object is refused, because json would drop its first value.
    """
    if text.startswith(BYTE_ORDER_MARK):  # json's message advises a change of our code
        raise RequestError(f"{name} is not JSON: unexpected byte order mark at line 1 column 1")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in pairs:
            if key in content:
                raise RequestError(
                    f"{name} has the duplicate key {name_list([key], repr)}; expected each key of "
                    "an object once"
                )
            content[key] = value
        return content

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise RequestError(f"{name} is not JSON: {error.msg} at {where}") from None
    except RecursionError:
        raise RequestError(f"{name} is JSON that is nested too deeply") from None
    except ValueError:  # the only other one: more digits than int() reads
        raise RequestError(f"{name} has a number with too many digits") from None


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
            names = ", ".join(f'"{name}"' for name in options)
            more = f", and optionally any of {names}" if names else " alone"
            raise RequestError(f'the JSON object has {keys}; expected "instances"{more}')
        content = content["instances"]
    if not isinstance(content, list):
        raise RequestError(
            f"the JSON is {type_name(content)}; expected a list of {items} or "
            '{"instances": [...]}'
        )
    return content

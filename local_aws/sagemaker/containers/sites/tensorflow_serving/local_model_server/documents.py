"""Read JSON as RapidJSON does for TensorFlow Serving, and say in its words what is wrong."""

import json
import math
import re
from typing import Any

from local_model_server.status import Status, invalid

# What Python's reader says, and RapidJSON (rapidjson/error/en.h) of the same mistake.
_WORDS = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Illegal trailing comma before end of array": "Invalid value.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Extra data": "The document root must not be followed by other values.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}
_TOO_BIG = "JSON Parse error: Number too big to be stored in double."
# What may be such a number, or half a character; a body without them is read the quick way.
_LARGE = re.compile(r"[eE]\+?[0-9]{3}|[0-9]{200}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_NO_COMMA = {
    "{": "Missing a comma or } after an object member.",
    "[": "Missing a comma or ] after an array element.",
}


def parse(body: bytes) -> dict[str, Any]:
    """Return the object in a request's body; NaN and Infinity are numbers, as with RapidJSON."""
    # A string may hold any bytes: those that are no UTF-8 go through as they came.
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    if not text.strip(" \t\r\n"):
        raise invalid("JSON Parse error: The document is empty")
    read = _CAREFULLY.decode if _LARGE.search(text) else json.loads
    try:
        document = read(text)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8", "surrogateescape"))
        raise invalid(f"JSON Parse error: {_words(error)} at offset: {offset}") from error
    except ValueError as error:  # more digits than Python reads
        raise invalid(_TOO_BIG) from error
    if _SURROGATE.search(text):
        _refuse_half_characters(text)
    if not isinstance(document, dict):
        raise wrong_format(document, "Is not object")
    return document


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _whole(text: str) -> int:
    _float(text)
    return int(text)


_CAREFULLY = json.JSONDecoder(parse_float=_float, parse_int=_whole)


def _refuse_half_characters(text: str) -> None:
    """Refuse an escape of UTF-16 that is half of a pair, anywhere in a JSON text."""
    for found in _ESCAPE.finditer(text):
        if found["half"]:
            offset = len(text[: found.start()].encode("utf-8", "surrogateescape"))
            raise invalid(
                f"JSON Parse error: The surrogate pair in string is invalid. at offset: {offset}"
            )


def wrong_format(value: Any, what: str) -> Status:
    """Return the error of a JSON value that does not have the form it should have."""
    return invalid(f"JSON Value: {shown(value)} {what}")


def shown(value: Any) -> str:
    """Return a JSON value as TensorFlow Serving quotes it in an error."""
    return json.dumps(value, indent=4, ensure_ascii=False)


def type_name(value: Any) -> str:
    """Return RapidJSON's name of a value's type."""
    if value is None or isinstance(value, bool):
        return {None: "Null", True: "True", False: "False"}[value]
    names: dict[type, str] = {dict: "Object", list: "Array", str: "String"}
    return names.get(type(value), "Number")


def _words(error: json.JSONDecodeError) -> str:
    if error.msg == "Expecting ',' delimiter":
        return _NO_COMMA[_opened(error.doc[: error.pos])]
    return _WORDS.get(error.msg, error.msg)


def _opened(text: str) -> str:
    """Return the bracket that stands open at the end of a text."""
    stack: list[str] = []
    in_string = escaped = False
    for letter in text:
        if in_string:
            in_string = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            in_string = True
        elif letter in "[{":
            stack.append(letter)
        elif letter in "]}":
            stack.pop()
    return stack[-1]

"""Parse JSON as RapidJSON does for TensorFlow Serving, with the same error messages."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from local_model_server.status import Status, invalid

# Messages of Python's parser and of RapidJSON (rapidjson/error/en.h) for the same error.
_MESSAGES = {
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
# Bodies that may contain such a number, or an unpaired surrogate, need a slower check.
_LARGE = re.compile(r"[eE]\+?[0-9]{3}|[0-9]{200}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<unpaired>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_INDENT = "    "
_LONGEST_QUOTE = 256  # bytes
_MISSING_COMMA = {
    "{": "Missing a comma or } after an object member.",
    "[": "Missing a comma or ] after an array element.",
}


def parse(body: bytes) -> dict[str, Any]:
    """Return the object in a request's body; NaN and Infinity are numbers, as in RapidJSON."""
    # A string may contain any bytes: those that are not UTF-8 are passed on unchanged.
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    if not text.strip(" \t\r\n"):
        raise invalid("JSON Parse error: The document is empty")
    decode = _FINITE_NUMBERS.decode if _LARGE.search(text) else json.loads
    try:
        document = decode(text)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8", "surrogateescape"))
        raise invalid(f"JSON Parse error: {_message(error)} at offset: {offset}") from error
    except ValueError as error:  # more digits than Python accepts
        raise invalid(_TOO_BIG) from error
    if _SURROGATE.search(text):
        _check_surrogates(text)
    if not isinstance(document, dict):
        raise wrong_format(document, "Is not object")
    return document


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _integer(text: str) -> int:
    _float(text)
    return int(text)


_FINITE_NUMBERS = json.JSONDecoder(parse_float=_float, parse_int=_integer)


def _check_surrogates(text: str) -> None:
    """Raise Status if the JSON text has an escape that is half of a UTF-16 surrogate pair."""
    for match in _ESCAPE.finditer(text):
        if match["unpaired"]:
            offset = len(text[: match.start()].encode("utf-8", "surrogateescape"))
            raise invalid(
                f"JSON Parse error: The surrogate pair in string is invalid. at offset: {offset}"
            )


def wrong_format(value: Any, reason: str) -> Status:
    """Return the error for a JSON value that does not have the expected format."""
    return invalid(f"JSON Value: {quote(value)} {reason}")


def quote(value: Any) -> str:
    """Return a JSON value as TensorFlow Serving quotes it in an error, which is cut if it is long.

    As there, what follows the first 256 bytes is left out, brackets too.
    """
    text = ""
    for part in _parts(value, "", "\n"):
        if len(text.encode("utf-8", "surrogateescape")) >= _LONGEST_QUOTE:
            break
        text += part
    return text


def _parts(value: Any, before: str, line: str) -> Iterator[str]:
    """Return the text of a value in the parts that RapidJSON writes: objects have lines."""
    if isinstance(value, dict):
        yield f"{before}{{"
        inner = line + _INDENT
        for number, (name, item) in enumerate(value.items()):
            yield f"{',' if number else ''}{inner}{json.dumps(name, ensure_ascii=False)}"
            yield from _parts(item, ": ", inner)
        yield f"{line if value else ''}}}"
    elif isinstance(value, list):
        yield f"{before}["
        for number, item in enumerate(value):
            yield from _parts(item, ", " if number else "", line + _INDENT)
        yield "]"
    else:
        yield before + json.dumps(value, ensure_ascii=False)


def type_name(value: Any) -> str:
    """Return RapidJSON's name for the type of a value."""
    if value is None or isinstance(value, bool):
        return {None: "Null", True: "True", False: "False"}[value]
    names: dict[type, str] = {dict: "Object", list: "Array", str: "String"}
    return names.get(type(value), "Number")


def _message(error: json.JSONDecodeError) -> str:
    if error.msg == "Expecting ',' delimiter":
        return _MISSING_COMMA[_open_bracket(error.doc[: error.pos])]
    return _MESSAGES.get(error.msg, error.msg)


def _open_bracket(text: str) -> str:
    """Return the innermost bracket that is open at the end of the text."""
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

"""Parse JSON as RapidJSON does for TensorFlow Serving, with the same error messages."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from local_model_server.status import Status, invalid

# Messages of Python's parser and of RapidJSON 1.1.0 (rapidjson/error/en.h) for the same error.
_MESSAGES = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Illegal trailing comma before end of array": "Invalid value.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid escape character in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}
_TOO_BIG = "JSON Parse error: Number too big to be stored in double."
_START = re.compile(r"\ufeff?[ \t\r\n]*")
# Bodies that may contain such a number, or an unpaired surrogate, need a slower check.
_LARGE = re.compile(r"[eE]\+?[0-9]{3}|[0-9]{200}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})|(?P<high>u[dD][89abAB][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_INDENT = "    "
_LONGEST_QUOTE = 256  # bytes
_MISSING_COMMA = {
    "{": "Missing a comma or '}' after an object member.",
    "[": "Missing a comma or ']' after an array element.",
}


def parse(body: bytes) -> dict[str, Any]:
    """Return the object at the start of a request's body; as in RapidJSON, the rest is not read.

    NaN and Infinity are numbers, and of members with one name, the first counts.
    """
    # A string may contain any bytes: those that are not UTF-8 are passed on unchanged.
    text = body.decode("utf-8", "surrogateescape")
    has_surrogates = _SURROGATE.search(text) is not None
    if has_surrogates:
        text = _ESCAPE.sub(_encoded, text)
    start = len(_START.match(text)[0])  # type: ignore[index] # it always matches
    if start == len(text):
        where = f". at offset: {len(body)}" if body else ""
        raise invalid(f"JSON Parse error: The document is empty{where}")
    decoder = _FINITE_NUMBERS if _LARGE.search(text) else _NUMBERS
    try:
        document, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        position = len(text) if error.msg.startswith("Unterminated") else error.pos
        raise _parse_error(_message(error), text, position) from error
    except ValueError as error:  # more digits than Python accepts
        raise invalid(_TOO_BIG) from error
    for match in _ESCAPE.finditer(text, start, end) if has_surrogates else ():
        if match["high"]:
            raise _parse_error("The surrogate pair in string is invalid.", text, match.start())
    if not isinstance(document, dict):
        raise wrong_format(document, "Is not object")
    return document


def _encoded(escape: re.Match[str]) -> str:
    """Return the bytes of a low surrogate without a high one, which RapidJSON lets pass."""
    if not escape["low"]:
        return escape[0]
    code = chr(int(escape["low"], 16)).encode("utf-8", "surrogatepass")
    return code.decode("utf-8", "surrogateescape")


def _parse_error(message: str, text: str, position: int) -> Status:
    offset = len(text[:position].encode("utf-8", "surrogateescape"))
    return invalid(f"JSON Parse error: {message} at offset: {offset}")


def _first_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else dict(reversed(pairs))


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _integer(text: str) -> int:
    _float(text)
    return int(text)


_NUMBERS = json.JSONDecoder(object_pairs_hook=_first_members)
_FINITE_NUMBERS = json.JSONDecoder(
    object_pairs_hook=_first_members, parse_float=_float, parse_int=_integer
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

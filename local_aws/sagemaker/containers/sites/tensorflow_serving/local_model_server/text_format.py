"""Parse the text format of protocol buffers, used by the model server's configuration files."""

import re
from typing import Any

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<word>[\w.+-]+)"""
    r"""|(?P<sign>[{}<>:,;\[\]])"""
)
_CLOSING = {"{": "}", "<": ">"}

Fields = list[tuple[str, Any]]


def parse(text: str) -> Fields:
    """Return the fields in order: each a name with a text or with the fields of a message."""
    tokens = _tokens(text)
    fields = _fields(tokens, None)
    if tokens:
        raise ValueError(f"unexpected {tokens[0]!r}")
    return fields


def values(fields: Fields, name: str) -> list[Any]:
    """Return all values of a repeated field of a message."""
    return [value for key, value in fields if key == name]


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"unexpected {text[position]!r}")
        tokens += [match[match.lastgroup]] if match.lastgroup else []
        position = match.end()
    return tokens


def _fields(tokens: list[str], end: str | None) -> Fields:
    fields: Fields = []
    while tokens and tokens[0] != end:
        name = tokens.pop(0)
        if not name.isidentifier():
            raise ValueError(f"expected a field name, got {name!r}")
        if tokens and tokens[0] == ":":
            tokens.pop(0)
        if not tokens:
            raise ValueError(f"the field {name} has no value")
        fields.append((name, _value(tokens)))
        while tokens and tokens[0] in (",", ";"):
            tokens.pop(0)
    if end is not None:
        if not tokens:
            raise ValueError(f"a message has no closing {end}")
        tokens.pop(0)
    return fields


def _value(tokens: list[str]) -> Any:
    token = tokens.pop(0)
    if token in _CLOSING:
        return _fields(tokens, _CLOSING[token])
    if token[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    if not re.fullmatch(r"[\w.+-]+", token):
        raise ValueError(f"expected a value, got {token!r}")
    return token

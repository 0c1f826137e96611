"""Return listings in pages, whose tokens are an index, or the position of the last item.

A program may delete or create items between two pages. An index then leaves out or repeats others;
a position in the order of a sorted listing does not.
"""

import base64
import json
from collections.abc import Callable
from typing import Any, NamedTuple

_MAX_DIGITS = 9
Position = tuple[str, ...]


class Query(NamedTuple):
    """What a request for a page of a sorted listing asks for."""

    keys: tuple[str, str]  # of the items and of the next token in the response
    token: str
    size: int
    refusal: Exception  # for a token that was never returned


def is_number(text: str) -> bool:
    """Return whether a text is a number that can count items."""
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS


def page(
    items: list[Any], keys: tuple[str, str], token: str, size: int, refusal: Exception
) -> dict[str, Any]:
    """Return the page at a token under the first key, and the next token, if any, under the second.

    Raise the refusal for a token that is not a number.
    """
    if not is_number(token):
        raise refusal
    end = int(token) + size
    following = {keys[1]: str(end)} if end < len(items) else {}
    return {keys[0]: items[int(token) : end], **following}


def sorted_page(
    items: list[Any], position: Callable[[Any], Position], query: Query, descending: bool = False
) -> dict[str, Any]:
    """Return a page of items that are sorted by position, with the next token, if any."""
    if query.token:
        last = _position_of(query.token, query.refusal)
        items = [
            item
            for item in items
            if (position(item) < last if descending else position(item) > last)
        ]
    page = items[: query.size]
    if len(page) == len(items):
        return {query.keys[0]: page}
    last_position = json.dumps(position(page[-1])).encode()
    return {query.keys[0]: page, query.keys[1]: base64.urlsafe_b64encode(last_position).decode()}


def _position_of(token: str, refusal: Exception) -> Position:
    try:
        position = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, RecursionError):
        raise refusal from None
    if not isinstance(position, list) or not all(isinstance(text, str) for text in position):
        raise refusal
    return tuple(position)

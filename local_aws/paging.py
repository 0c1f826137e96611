"""Return listings in pages, whose tokens are the index of the next item."""

from typing import Any

_MAX_DIGITS = 9


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

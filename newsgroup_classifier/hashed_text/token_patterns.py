"""The regular expressions of tokens that the Lambda function compiles.

A regular expression of a model file could take exponential time. These take time in proportion to
the text: alternatives of characters or classes of which only the last repeats, and which end at a
word boundary only if they begin at one.
"""

import re

# In brackets, also ranges of two letters or digits, and marks that need no backslash.
_CLASS = r"(?:\\[dDsSwW]|\[\^?(?:\\[dDsSwW.\-']|[^\W_]-[^\W_]|[\w.,:;!?@#$%*+/='])+-?\])"
_WORD = rf"{_CLASS}(?:{_CLASS}|{{[1-9]}})*(?:\+|{{[1-9],}})?"
_ALTERNATIVE = rf"(?:\\b{_WORD}\\b|\\b{_WORD}|{_WORD})"
_PATTERN = re.compile(rf"(?:\(\?u\))?{_ALTERNATIVE}(?:\|{_ALTERNATIVE}){{0,9}}")
_LONGEST = 200


def is_linear(pattern: str) -> bool:
    r"""Return whether a pattern is of this kind, such as \b\w\w+\b, \w+|[^\w\s], or [a-z0-9']+."""
    if len(pattern) > _LONGEST or not _PATTERN.fullmatch(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:  # a range from z to a
        return False
    return True

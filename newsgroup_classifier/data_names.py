"""The names that users give their own data, and how they combine with those of recipes."""

import re
import unicodedata

from newsgroup_classifier.errors import DataError

# No name of a recipe, a data set, or own data has two hyphens in a row, and "--" ends a stack's.
SEPARATOR = "---"
_LENGTH = 40
_NAME = re.compile(rf"(?!.{{{_LENGTH + 1}}})[a-z0-9]+(-[a-z0-9]+)*")


def check_data_name(name: str) -> None:
    """Raise DataError with the nearest valid name unless own data can have the name."""
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name!r} is not a name for data; expected at most {_LENGTH} lower-case letters, "
            f"digits and single hyphens, such as {nearest_data_name(name)}"
        )


def nearest_data_name(text: str) -> str:
    """Return the valid name that is nearest to a text, or an example for a text without one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", plain)
    return "-".join(words)[:_LENGTH].rstrip("-") or "tickets"


def own_scope(name: str, data_name: str) -> str:
    """Return the combination of a name with that of own data; no two pairs have the same."""
    return f"{name}{SEPARATOR}{data_name}"

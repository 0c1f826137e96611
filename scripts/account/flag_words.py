"""Write parsed arguments as flags again, for another command line."""

import argparse
from collections.abc import Iterable, Mapping
from typing import Any


def flag_words(
    arguments: argparse.Namespace, names: Iterable[str], defaults: Mapping[str, Any] | None = None
) -> list[str]:
    """Return the flags of arguments as they were passed, for another command line.

    A flag is left out if its value is a default, bare if it is true, and repeated for a list.
    """
    words: list[str] = []
    for name in names:
        value = getattr(arguments, name)
        if value is None or value is False or value == (defaults or {}).get(name):
            continue  # not 0, which equals False
        flag = "--set" if name == "overrides" else f"--{name.replace('_', '-')}"
        for item in value if isinstance(value, list) else [value]:
            words += [flag] if item is True else _flag_and_value(flag, str(item))
    return words


def _flag_and_value(flag: str, value: str) -> list[str]:
    # After a space, a value that begins like a flag would be taken for one.
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]

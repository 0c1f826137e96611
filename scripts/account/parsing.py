"""Command lines: the form of --help, errors in one line, and arguments as flags again."""

import argparse
import math
import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from newsgroup_classifier.errors import nearest

_COLUMNS = 80  # of --help at most
_INDENT = " " * 6  # of all lines but the first


class Formatter(argparse.HelpFormatter):
    """Wraps --help to 80 columns at most, also its paragraphs, lists, and commands."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=min(shutil.get_terminal_size().columns, _COLUMNS) - 2)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(text, width, break_on_hyphens=False)  # in the names of recipes

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = re.sub(r"(?<!\n)\n(?=\S)", " ", text.strip()).splitlines()
        return "\n".join(_wrapped(line, width) for line in lines)


def _wrapped(line: str, width: int) -> str:
    """Wrap a paragraph, an item of a list, or a command, which a shell can still read."""
    if not line.startswith(" " * 4):
        return textwrap.fill(line, width, subsequent_indent=_INDENT if line[:1] == " " else "")
    unbroken = re.sub(r'"[^"]*"', lambda quoted: quoted[0].replace(" ", "\0"), line)
    parts = textwrap.wrap(unbroken, width - 2, subsequent_indent=_INDENT, break_on_hyphens=False)
    return " \\\n".join(parts).replace("\0", " ")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    only_help = False  # the command line only asks for --help of no recipe, which must be fast

    def error(self, message: str) -> NoReturn:
        """Print the error in one line, with the nearest flag, and exit with code 2."""
        unknown = message.partition("unrecognized arguments: ")[2].split("=")[0].split(" ")[0]
        near = nearest(unknown, self._option_string_actions)
        hint = f"; did you mean {near}?" if unknown and near else ""
        if unknown in {f"--{action.dest}" for action in self._get_positional_actions()}:
            hint = f"; pass the {unknown.removeprefix('--')} without a flag"
        if unknown and not unknown.startswith("-"):
            hint = "; put quotes around an argument that contains spaces"
        message = message.replace("ignored explicit argument", "the flag takes no value, found")
        self.exit(2, f"{self.prog}: error: {message}{hint} (--help lists the flags)\n")


def number(accepts: Callable[[float], bool], expected: str) -> Callable[[str], float]:
    """Return the type of a flag with a number; argparse prints the message for another one."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not accepts(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return parse


def flag_words(
    arguments: argparse.Namespace, names: Iterable[str], defaults: Mapping[str, Any] | None = None
) -> list[str]:
    """Return the flags of arguments that are not defaults as they were passed."""
    words: list[str] = []
    for name in names:
        value = getattr(arguments, name)
        if value is None or value is False or value == (defaults or {}).get(name):
            continue  # not 0, which equals False
        flag = "--set" if name == "overrides" else f"--{name.replace('_', '-')}"
        for item in value if isinstance(value, list) else [value]:
            # After a space, a value that begins like a flag would be taken for one.
            dashed = str(item).startswith("-")
            rest = [flag] if item is True else [flag, str(item)]
            words += [f"{flag}={item}"] if dashed else rest
    return words


def flag_names(arguments: argparse.Namespace, names: Iterable[str]) -> list[str]:
    """Return the flags among some names that were passed, without their values."""
    words = flag_words(arguments, (name for name in names if name in arguments))
    flags = (word.partition("=")[0] for word in words if word.startswith("--"))
    return list(dict.fromkeys(flags))

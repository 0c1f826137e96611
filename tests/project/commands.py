"""The commands of the project, for the reference page and the tests of documents."""

import argparse
import inspect
import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.__main__ import COMMANDS
from scripts.account.command import load_command
from tests.project.markdown import text_of

PROGRAM = "newsgroup-classifier"
_INVOCATION = re.compile(rf"(?:{PROGRAM}|python -m scripts)[ .]([a-z][\w-]*)([^`\n]*)")


@dataclass(frozen=True)
class Flag:
    """One argument of a command, as a row of the reference."""

    name: str
    meaning: str


@cache
def parser_of(name: str) -> argparse.ArgumentParser:
    """Return the parser of a command."""
    module = load_command(name)
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} {name}", description=module.__doc__, exit_on_error=False
    )
    module.add_arguments(parser)
    return parser


def description_of(name: str) -> str:
    """Return the description of a command."""
    return inspect.cleandoc(parser_of(name).description or "")


def flags_of(name: str) -> dict[str, list[Flag]]:
    """Return the visible arguments of a command by the title of their group."""
    parser = parser_of(name)
    formatter = parser._get_formatter()
    groups = {}
    for group in parser._action_groups:
        flags = [
            Flag(_spelling(action), formatter._expand_help(action))
            for action in group._group_actions
            if action.help != argparse.SUPPRESS and not isinstance(action, argparse._HelpAction)
        ]
        if flags:
            groups[group.title or ""] = flags
    return groups


def _spelling(action: argparse.Action) -> str:
    if not action.option_strings:
        return action.metavar if isinstance(action.metavar, str) else action.dest
    if isinstance(action, argparse.BooleanOptionalAction):
        return ", ".join(action.option_strings)
    flag = action.option_strings[-1]
    if action.nargs == 0:
        return flag
    if action.choices and not action.metavar:
        return f"{flag} {{{','.join(map(str, action.choices))}}}"
    return f"{flag} {action.metavar or action.dest.upper()}"


def invocations_in(path: Path) -> list[tuple[str, list[str]]]:
    """Return the commands that a document shows, each with its arguments."""
    text = text_of(path).replace("\\\n", " ")
    return [
        (name.replace("_", "-"), shlex.split(rest, comments=True))
        for name, rest in _INVOCATION.findall(text)
        if name.replace("_", "-") in COMMANDS
    ]

"""The reference page of commands, generated from their parsers."""

import re

from tests.project.commands import COMMANDS, PROGRAM, Flag, description_of, flags_of

_COMMON = "where to work"  # the group of arguments that most commands share
_EXAMPLE = re.compile(r"( |python -m |newsgroup-classifier )")


def commands_page(generated: str) -> list[str]:
    """Return the lines of the page: a section for each command, with its flags in tables."""
    return [
        "# Commands",
        "",
        generated,
        "",
        f"`{PROGRAM} COMMAND` and `python -m scripts.COMMAND` are the same. A command",
        "prints one JSON object to stdout when it ends, and everything else to stderr. The",
        "exit code is 0 for success, 2 for an unknown flag or a malformed value of one, 1 for",
        "any other error (one line that begins with `error:`), and 130 after Ctrl-C.",
        "",
        "Commands that call AWS also take these flags; [Options](options.md) lists the",
        "environment variables.",
        "",
        *_table(_COMMON, flags_of("setup")[_COMMON]),
        *(line for name in COMMANDS for line in _section(name)),
    ]


def _section(name: str) -> list[str]:
    lines = ["", f"## {name}", "", *_description(name)]
    common = flags_of("setup")[_COMMON]
    for title, flags in flags_of(name).items():
        if not set(flags) <= set(common):
            lines += ["", *_table(title, flags)]
    return lines


def _table(title: str, flags: list[Flag]) -> list[str]:
    rows = [f"| `{flag.name}` | {_cell(flag.meaning)} |" for flag in flags]
    return [f"| {title} | |", "|---|---|", *rows]


def _description(name: str) -> list[str]:
    """Return the description of a command, with its examples as code blocks."""
    lines: list[str] = []
    for paragraph in description_of(name).split("\n\n"):
        if _EXAMPLE.match(paragraph):
            examples = [_example(line.strip()) for line in paragraph.splitlines()]
            lines += ["```bash", *examples, "```", ""]
        else:
            lines += [*paragraph.splitlines(), ""]
    return lines[:-1]


def _example(line: str) -> str:
    command = re.sub(r"\s{2,}(?=\S)", "  # ", line)
    return _short(command)


def _cell(text: str) -> str:
    return _short(text).replace("|", "\\|").replace("<", "&lt;")


def _short(text: str) -> str:
    """Return a text with its commands in their short form."""
    pattern = r"python -m scripts[. ](\w+)"
    return re.sub(pattern, lambda match: f"{PROGRAM} {match[1].replace('_', '-')}", text)

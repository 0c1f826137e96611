"""The reference page of commands, from their parsers."""

from tests.project.commands import COMMANDS, PROGRAM, description_of, flags_of


def commands_page(generated: str) -> str:
    """Return the page: a section for each command, with its flags in tables."""
    return (
        "\n".join(
            [
                "# Commands",
                "",
                generated,
                "",
                f"`{PROGRAM} COMMAND` and `python -m scripts.COMMAND` are the same. A command",
                "prints one JSON object to stdout and everything else to stderr. Exit codes: 0",
                "for success, 1 for an error (one line that begins with `error:`), 2 for a wrong",
                "command line, 130 after Ctrl-C. [Options](options.md) lists the environment",
                "variables.",
                *(line for name in COMMANDS for line in _section(name)),
            ]
        )
        + "\n"
    )


def _section(name: str) -> list[str]:
    lines = ["", f"## {name}", "", *_described(name)]
    for title, flags in flags_of(name).items():
        lines += ["", f"| {title} | |", "|---|---|"]
        lines += [f"| `{flag.name}` | {_cell(flag.meaning)} |" for flag in flags]
    return lines


def _described(name: str) -> list[str]:
    """Return a command's description, with the indented examples as a block of code."""
    lines: list[str] = []
    inside = False
    for line in description_of(name).splitlines():
        example = line.startswith((" ", "python -m", f"{PROGRAM} "))
        if example != inside and line:
            lines.append("```bash" if example else "```")
            inside = example
        lines.append(line.strip())
    return [*lines, "```"] if inside else lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")

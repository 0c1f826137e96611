"""Write the generated pages of the documentation: `python -m tests.project.reference`."""

from pathlib import Path

from tests.project.commands_page import commands_page
from tests.project.markdown import anchor_of, headings_of
from tests.project.recipes_page import recipes_page
from tests.project.sources import ROOT

REFERENCE = ROOT / "docs" / "reference"
DECISIONS = ROOT / "docs" / "explanation" / "decisions"
_GENERATED = "<!-- Written by `make reference`; edit the source, not this page. -->"


def decisions_index() -> list[str]:
    """Return the lines of the index of decisions: every title, by topic."""
    lines = [
        "# Decisions",
        "",
        _GENERATED,
        "",
        "Why the project is the way it is: each entry has its date, the facts known at the time,",
        "and what was tried and rejected. To record a decision, add it to the page of its topic",
        "and run `make reference`.",
    ]
    for path in topics():
        topic, *titles = headings_of(path)
        lines += ["", f"## [{topic}]({path.name})", ""]
        lines += [f"- [{title}]({path.name}#{anchor_of(title)})" for title in titles]
    return lines


def topics() -> list[Path]:
    """Return the pages of decisions, one per topic."""
    return sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")


def pages() -> dict[Path, str]:
    """Return the generated pages with their text."""
    contents = {
        REFERENCE / "recipes.md": recipes_page(_GENERATED),
        REFERENCE / "commands.md": commands_page(_GENERATED),
        DECISIONS / "README.md": decisions_index(),
    }
    return {path: "\n".join(lines) + "\n" for path, lines in contents.items()}


def main() -> None:
    """Write every generated page."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The Markdown documents of the project, with their headings, links and code blocks."""

import re
import subprocess
from functools import cache
from pathlib import Path

from tests.project.sources import ROOT

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """Return every Markdown file that git tracks or does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = (ROOT / line for line in listed.stdout.splitlines())
    return sorted(path for path in paths if path.exists())


@cache
def text_of(path: Path) -> str:
    """Return the text of a document."""
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    """Return a document without its code blocks."""
    return _FENCED.sub("", text_of(path))


def headings_of(path: Path) -> list[str]:
    """Return the headings of a document, without their marks."""
    return re.findall(r"^#+ (.+)$", prose_of(path), re.MULTILINE)


def anchor_of(heading: str) -> str:
    """Return the URL fragment that GitHub gives a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def links_of(path: Path) -> list[str]:
    """Return the targets of a document's links and images, except those on other sites."""
    prose = re.sub(r"`[^`\n]*`", "", prose_of(path))
    targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(
        r"<img[^>]* src=\"([^\"]+)\"", prose
    )
    return [target for target in targets if not re.match(r"[a-z]+:", target)]

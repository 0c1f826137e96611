"""An observation of how an AWS service behaves, and how it is known."""

from dataclasses import dataclass
from pathlib import Path

import yaml

HOW_KNOWN = {
    "ran": "observed by running AWS's published package",
    "source": "read in the source of AWS's published package",
    "documentation": "stated by AWS's documentation or by the model of its API",
    "examples": "found in AWS's example notebooks or in reports from their users",
    "ours": "a promise of this project, not an observation of AWS",
}


@dataclass(frozen=True)
class Observation:
    """What was observed, how it is known, and the reason if no test can show it."""

    id: str
    text: str
    known: str
    untested: str = ""


@dataclass(frozen=True)
class Section:
    """The observations of one part of the contract."""

    title: str
    observations: tuple[Observation, ...]


def read_sections(path: Path) -> tuple[Section, ...]:
    """Read the sections of a YAML file: title, id, and for each id the text by how it is known."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Section(title, tuple(_observation(*item) for item in observations.items()))
        for title, observations in content.items()
    )


def _observation(name: str, row: dict[str, str]) -> Observation:
    untested = row.pop("untested", "")
    ((known, text),) = row.items()
    return Observation(name, text, known, untested)

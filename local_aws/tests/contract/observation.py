"""An observation of how an AWS service behaves, and how it is known."""

from dataclasses import dataclass
from functools import partial

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


ran = partial(Observation, known="ran")
source = partial(Observation, known="source")
documented = partial(Observation, known="documentation")
in_examples = partial(Observation, known="examples")
ours = partial(Observation, known="ours")

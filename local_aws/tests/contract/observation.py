"""One observation of how SageMaker and its containers behave, and how it is known."""

from dataclasses import dataclass
from functools import partial

HOW_KNOWN = {
    "ran": "seen by running AWS's published package",
    "source": "read in the source of AWS's published package",
    "documentation": "said by AWS's documentation or by the model of its API",
    "examples": "seen in AWS's example notebooks and in what their users report",
    "ours": "a promise of this project, not an observation of AWS",
}


@dataclass(frozen=True)
class Observation:
    """What was observed, how it is known, and why no test shows it, where none can."""

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

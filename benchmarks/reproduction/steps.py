"""The steps of a reproduction: each study, and each part of the benchmarks."""

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.__main__ import PARTS

ROOT = Path(__file__).parents[2]
_STUDIES = {  # with the minutes that each takes on two cores
    "training_jobs": 5,
    "held_out": 10,
    "optimizers": 5,
    "comments": 15,
    "spooky": 20,
    "text_linear": 30,
    "subreddits": 30,
    "headlines": 60,
}
_PART_MINUTES = 5


@dataclass(frozen=True)
class Step:
    """A command that measures, and the file of rows from which it resumes."""

    name: str
    minutes: int
    stored: Path | None = None
    command: tuple[str, ...] = ()


def _study(name: str, minutes: int) -> Step:
    stored = ROOT / "benchmarks" / "studies" / f"{name}.json"
    command = (sys.executable, "-m", f"benchmarks.studies.{name}")
    return Step(name, minutes, stored, command)


def _part(name: str) -> Step:
    command = (sys.executable, "-m", "benchmarks", name)
    return Step(f"benchmarks {name}", _PART_MINUTES, command=command)


STEPS = (
    *(_study(name, minutes) for name, minutes in _STUDIES.items()),
    Step("pictures", 3, command=(sys.executable, "-m", "benchmarks.reproduction.pictures")),
    *(_part(name) for name in PARTS),
)

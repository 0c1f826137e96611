"""The ledger of a reproduction: when and on which machine each step was measured."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.reproduction.steps import ROOT
from newsgroup_classifier.atomic_files import atomic_write


@dataclass
class Entry:
    """A step that began, and, if it has ended, how it went."""

    began: str
    machine: str
    revision: str  # of the code at the last attempt
    ended: str = ""
    minutes: float = 0.0
    others: float = 0.0  # cores that other programs kept busy meanwhile, on average


@dataclass
class Ledger:
    """The steps of a run that began, by name."""

    path: Path
    steps: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Ledger":
        """Return a saved ledger, or a new one."""
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(path, {name: Entry(**entry) for name, entry in content.items()})

    def is_done(self, name: str) -> bool:
        """Return whether a step has ended in this run."""
        return name in self.steps and bool(self.steps[name].ended)

    def begin(self, name: str) -> bool:
        """Record that a step begins here; return whether it resumes what it began here."""
        resumed = name in self.steps and self.steps[name].machine == machine()
        if not resumed:
            self.steps[name] = Entry(now(), machine(), revision())
        self.steps[name].revision = revision()
        self.save()
        return resumed

    def add(self, name: str, seconds: float, others: float, done: bool) -> None:
        """Record the time of an attempt, and whether it ended the step."""
        entry = self.steps[name]
        minutes = entry.minutes + seconds / 60
        entry.others = round((entry.others * entry.minutes + others * seconds / 60) / minutes, 2)
        entry.minutes = round(minutes, 2)
        entry.ended = now() if done else ""
        self.save()

    def forget(self, names: Iterable[str]) -> None:
        """Forget that steps were measured, so that they begin again."""
        for name in names:
            self.steps.pop(name, None)
        self.save()

    def save(self) -> None:
        """Write the ledger."""
        steps: dict[str, Any] = {name: asdict(entry) for name, entry in self.steps.items()}
        text = json.dumps(steps, indent=1) + "\n"
        with atomic_write(self.path) as part:
            part.write_text(text, encoding="utf-8")


def now() -> str:
    """Return the time in UTC, to the minute."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def machine() -> str:
    """Return what distinguishes this machine: its cores, system, and Python."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {_processor()}, {system}, Python {platform.python_version()}"


def _processor() -> str:
    """Return the name of the processor, if the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "an unknown processor"


def revision() -> str:
    """Return the git revision of the code, with a plus sign if Python files differ from it."""

    def git(*arguments: str) -> str:
        finished = subprocess.run(
            ["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        return finished.stdout.strip()

    changed = git("status", "--porcelain", "--", "*.py")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")

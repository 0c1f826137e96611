"""The progress of a network's fit, and its checkpoints, from which a killed job resumes.

There is one file per epoch, `epoch-00003.npz`, with the arrays and, in JSON, the identity of the
job and its progress. The last two files are kept, in case the newest one is damaged.
"""

import hashlib
import json
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.errors import TrainingError, one_line

_FORMAT = 1
_KEPT = 2
# What NumPy, zipfile, and zlib raise for damaged files. zipfile raises RuntimeError for members
# that seem to be encrypted or to use an unknown compression method.
_ERRORS = (OSError, EOFError, KeyError, TypeError, ValueError, RuntimeError, BadZipFile, zlib.error)
_NAME = re.compile(r"epoch-[0-9]{5}\.npz")
Arrays = list[np.ndarray]
Epoch = dict[str, float]


@dataclass(frozen=True)
class FitPlan:
    """The hyperparameters of a fit.

    `keep` selects the weights of the best or of the last epoch. With "last", patience is ignored.
    """

    batch_size: int
    epochs: int
    patience: int
    min_delta: float
    seed: int
    keep: str = "best"

    @classmethod
    def from_hyperparameters(cls, hyperparameters: Mapping[str, Any]) -> "FitPlan":
        """Return the plan with these hyperparameters; ignore additional ones."""
        return cls(**{name: hyperparameters[name] for name in cls.__dataclass_fields__})


@dataclass
class Progress:
    """The metrics of each epoch, and the epoch with the lowest validation loss."""

    history: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = math.inf

    @property
    def epoch(self) -> int:
        """The number of finished epochs."""
        return len(self.history)

    def add(self, epoch: Epoch, min_delta: float) -> bool:
        """Add an epoch; return whether it lowered the best loss by more than `min_delta`."""
        self.history.append(epoch)
        better = epoch["validation:loss"] < self.best_loss - min_delta
        if better:
            self.best_epoch, self.best_loss = self.epoch, epoch["validation:loss"]
        return better

    def finished(self, plan: FitPlan) -> bool:
        """Return whether all epochs are done, or `patience` epochs brought no improvement."""
        stopped = plan.keep == "best" and self.epoch - self.best_epoch >= plan.patience
        return self.epoch >= plan.epochs or stopped

    def saved_epoch(self, plan: FitPlan) -> int:
        """Return the number of the epoch whose weights are saved."""
        return self.best_epoch if plan.keep == "best" else self.epoch

    def as_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        # JSON has no infinity, which is the value before an epoch has a finite loss.
        best = self.best_loss if math.isfinite(self.best_loss) else None
        return asdict(self) | {"best_loss": best}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Progress":
        """Return the progress from the result of `as_json`."""
        loss = math.inf if fields["best_loss"] is None else float(fields["best_loss"])
        return cls(list(fields["history"]), int(fields["best_epoch"]), loss)


@dataclass(frozen=True)
class State:
    """A fit after an epoch: all arrays that change during the fit, and the best weights so far."""

    progress: Progress
    arrays: Arrays
    best: Arrays


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one job in a folder; `job` identifies the job by named values."""

    folder: Path
    job: Mapping[str, str]

    def write(self, state: State) -> None:
        """Write the state, then delete all but the last checkpoints."""
        about = {"format": _FORMAT, "job": dict(self.job), "progress": state.progress.as_json()}
        named = {f"state-{index}": array for index, array in enumerate(state.arrays)}
        named |= {f"best-{index}": array for index, array in enumerate(state.best)}
        path = self.folder / f"epoch-{state.progress.epoch:05}.npz"
        with atomic_write(path) as part, part.open("wb") as file:
            np.savez(file, allow_pickle=False, about=np.array(json.dumps(about)), **named)
        for old in self._paths()[_KEPT:]:
            old.unlink()

    def read(self, like: State) -> tuple[State | None, list[str]]:
        """Return the newest complete state, if any, and warnings about damaged checkpoints.

        Raises TrainingError if it belongs to another job or its arrays do not have the shapes of
        those in `like`.
        """
        warnings = []
        for path in self._paths():
            try:
                job, state = _read(path)
            except _ERRORS as error:
                warnings.append(f"checkpoint {path.name} is damaged ({one_line(error)}); skipped")
                continue
            check_job(path, job, self.job)
            _check_shapes(path, state, like)
            return state, warnings
        return None, warnings

    def _paths(self) -> list[Path]:
        """Return the checkpoints, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((p for p in self.folder.iterdir() if _NAME.fullmatch(p.name)), reverse=True)


def job_identity(
    recipe: str, hyperparameters: Mapping[str, Any], data: Mapping[str, str]
) -> dict[str, str]:
    """Return the values that identify a job; a checkpoint must match them."""
    values = {f"hyperparameter {name}": str(value) for name, value in hyperparameters.items()}
    return {"recipe": recipe, **data, **values}


def check_job(path: Path, saved: Mapping[str, str], job: Mapping[str, str]) -> None:
    """Raise TrainingError if a checkpoint belongs to another job."""
    for name in sorted({*job, *saved}):
        before, now = saved.get(name, "none"), job.get(name, "none")
        if before != now:
            raise TrainingError(
                f"checkpoint {path} is from a job with another {name}: {before}; this job has "
                f"{now}. Use the same value, use another folder for checkpoints, or delete these."
            )


def digest(*parts: Sequence[Any] | np.ndarray) -> str:
    """Return a sha256 of arrays and of lists of strings or numbers."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            total.update(repr((part.shape, part.dtype.str)).encode())
            total.update(np.ascontiguousarray(part).data)
        else:
            total.update(json.dumps(list(part)).encode())
    return total.hexdigest()


def _read(path: Path) -> tuple[dict[str, str], State]:
    """Return the identity of the job, and the state; raise one of _ERRORS for a damaged file."""
    # Opened here because NumPy does not close files that it finds damaged.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}  # checks the CRC of every member
    about = json.loads(str(arrays.pop("about")))
    if about["format"] != _FORMAT:
        raise ValueError(f"its format is not {_FORMAT}")

    def named(kind: str) -> Arrays:
        count = sum(name.startswith(f"{kind}-") for name in arrays)
        return [arrays[f"{kind}-{index}"] for index in range(count)]

    progress = Progress.from_json(about["progress"])
    return about["job"], State(progress, named("state"), named("best"))


def _check_shapes(path: Path, state: State, like: State) -> None:
    def shapes(each: State) -> list[list[Any]]:
        return [[(a.shape, a.dtype) for a in arrays] for arrays in (each.arrays, each.best)]

    if shapes(state) != shapes(like):
        raise TrainingError(
            f"the arrays of checkpoint {path} do not have the shapes of this network; another "
            "version of the project wrote it. Use another folder for checkpoints, or delete these."
        )

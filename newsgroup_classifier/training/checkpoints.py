"""Checkpoints: the whole state of a fit after an epoch, from which a killed job goes on.

One file an epoch, `epoch-00003.npz`: the arrays, and in JSON what the job is and how far it came.
It appears whole or not at all; the last two stay, so that a broken one has one before it.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.training.progress import Progress

_FORMAT = 1
_KEPT = 2
# What numpy, zipfile and zlib raise for a file with wrong bytes; RuntimeError is zipfile's, for a
# member that seems to be encrypted or packed in a way it does not know.
_BROKEN = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
_NAME = re.compile(r"epoch-[0-9]{5}\.npz")
Arrays = list[np.ndarray]


@dataclass(frozen=True)
class State:
    """A fit after an epoch: all arrays that change in it, and the best weights so far."""

    progress: Progress
    arrays: Arrays
    best: Arrays


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one job in a folder. `job` says what it is: text by name of the field."""

    folder: Path
    job: Mapping[str, str]

    def write(self, state: State) -> None:
        """Write the state whole, then remove all but the last checkpoints."""
        self.folder.mkdir(parents=True, exist_ok=True)
        about = {"format": _FORMAT, "job": dict(self.job), "progress": state.progress.as_json()}
        named = {f"state-{place}": array for place, array in enumerate(state.arrays)}
        named |= {f"best-{place}": array for place, array in enumerate(state.best)}
        path = self.folder / f"epoch-{state.progress.epoch:05}.npz"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, about=np.array(json.dumps(about)), **named)
        part.replace(path)
        for old in self._paths()[_KEPT:]:
            old.unlink()

    def read(self, like: State) -> tuple[State | None, list[str]]:
        """Return the newest state that is whole, if any, and what is to be told of broken ones.

        Raises TrainingError if it is another job's, or its arrays have other shapes than `like`.
        """
        told = []
        for path in self._paths():
            try:
                about, arrays = _read(path)
            except _BROKEN as error:
                told.append(
                    f"checkpoint {path.name} is broken ({_one_line(error)}); it is left out"
                )
                continue
            check_job(path, about["job"], self.job)
            state = _state(about, arrays, path)
            _check_shapes(path, state, like)
            return state, told
        return None, told

    def _paths(self) -> list[Path]:
        """Return the checkpoints, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((p for p in self.folder.iterdir() if _NAME.fullmatch(p.name)), reverse=True)


def check_job(path: Path, found: Mapping[str, str], job: Mapping[str, str]) -> None:
    """Raise TrainingError if a checkpoint is of another job than this one."""
    for name in sorted({*job, *found}):
        before, now = found.get(name, "none"), job.get(name, "none")
        if before != now:
            raise TrainingError(
                f"checkpoint {path} is of a job with another {name}: {before}; this job has "
                f"{now}. Train with the same, give this job checkpoints of its own, or remove "
                "those."
            )


def digest(*parts: Sequence[Any] | np.ndarray) -> str:
    """Return a sha256 of lists of texts or numbers and of arrays: equal for equal data."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            total.update(repr((part.shape, part.dtype.str)).encode())
            total.update(np.ascontiguousarray(part).data)
        else:
            total.update(json.dumps(list(part)).encode())
    return total.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    # Opened here: numpy leaves a file open that it finds broken.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}  # every member's CRC is checked
    about = json.loads(str(arrays.pop("about")))
    if not isinstance(about, dict) or about["format"] != _FORMAT:
        raise ValueError(f"its format is not {_FORMAT}")
    if not isinstance(about["job"], dict):
        raise TypeError("it does not say which job it is of")
    return about, arrays


def _state(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray], path: Path) -> State:
    def named(kind: str) -> Arrays:
        count = sum(name.startswith(f"{kind}-") for name in arrays)
        return [arrays[f"{kind}-{place}"] for place in range(count)]

    try:
        return State(Progress.of(about["progress"]), named("state"), named("best"))
    except (KeyError, TypeError, ValueError) as error:
        raise TrainingError(
            f"checkpoint {path} lacks what a fit goes on from: {_one_line(error)}. Remove it."
        ) from error


def _check_shapes(path: Path, state: State, like: State) -> None:
    for found, expected in ((state.arrays, like.arrays), (state.best, like.best)):
        shapes = [[(a.shape, a.dtype) for a in arrays] for arrays in (found, expected)]
        if shapes[0] != shapes[1]:
            raise TrainingError(
                f"checkpoint {path} has arrays of other shapes than this network, so another "
                "version of the project wrote it. Give this job checkpoints of its own, or remove "
                "those."
            )


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]

"""The fits of a search that are done, kept in the checkpoints folder: a killed job goes on.

One file, search_fits.json, written anew after each fit; it appears whole or not at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsgroup_classifier.training.checkpoints import check_job
from newsgroup_classifier.training.search.fits import Fit, Place

KEPT = "search_fits.json"
_FORMAT = 1


@dataclass
class KeptFits:
    """Fits by round and place. `job` says what the search is: text by name of the field."""

    path: Path | None
    job: Mapping[str, str]
    fits: dict[int, dict[Place, Fit]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path | None, job: Mapping[str, str]) -> "tuple[KeptFits, str]":
        """Return what is kept in a folder, and what is to be told of a broken file.

        Raises TrainingError if it is another job's. Without a folder nothing is kept.
        """
        if folder is None or not (folder / KEPT).exists():
            return cls(folder and folder / KEPT, job), ""
        path = folder / KEPT
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != _FORMAT:
                raise ValueError(f"its format is not {_FORMAT}")
            found, rows = dict(content["job"]), _fits(content["fits"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            told = f"checkpoint {KEPT} is broken ({type(error).__name__}: {error}); it is left out"
            return cls(path, job), told
        check_job(path, found, job)
        return cls(path, job, rows), ""

    def add(self, number: int, place: Place, fit: Fit) -> None:
        """Keep a fit of a round."""
        self.fits.setdefault(number, {})[place] = fit
        if self.path is None:
            return
        rows = [
            [number, *place, fit.accuracy, fit.seconds]
            for number, fits in self.fits.items()
            for place, fit in fits.items()
        ]
        content = {"format": _FORMAT, "job": dict(self.job), "fits": rows}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(self.path)


def _fits(rows: list[list[float]]) -> dict[int, dict[Place, Fit]]:
    found: dict[int, dict[Place, Fit]] = {}
    for number, candidate, split, accuracy, seconds in rows:
        if not 0 <= accuracy <= 1:  # no comparison says so of NaN
            raise ValueError(f"an accuracy is {accuracy}")
        place = (int(candidate), int(split))
        found.setdefault(int(number), {})[place] = Fit(float(accuracy), float(seconds))
    return found

"""The finished fits of a search, saved in the checkpoints folder so that a killed job resumes.

The file search_fits.json is written after each fit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.training.checkpoints import check_job
from newsgroup_classifier.training.search.fits import Fit, Place

FITS_FILE = "search_fits.json"
_FORMAT = 1
Fits = dict[int, dict[Place, Fit]]  # by round and place


@dataclass
class SearchCheckpoint:
    """The finished fits of a search; `job` identifies the search by named values."""

    path: Path | None
    job: Mapping[str, str]
    fits: Fits = field(default_factory=dict)

    @classmethod
    def read(
        cls, folder: Path | None, job: Mapping[str, str]
    ) -> "tuple[SearchCheckpoint, str | None]":
        """Return the checkpoint in a folder, and a warning if its file is damaged.

        Without a folder, nothing is saved. Raises TrainingError if the file is from another job.
        """
        if folder is None or not (folder / FITS_FILE).exists():
            return cls(folder and folder / FITS_FILE, job), None
        path = folder / FITS_FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != _FORMAT:
                raise ValueError(f"its format is not {_FORMAT}")
            saved, fits = dict(content["job"]), _parse(content["fits"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
            return cls(path, job), f"checkpoint {FITS_FILE} is damaged ({reason}); skipped"
        check_job(path, saved, job)
        return cls(path, job, fits), None

    def add(self, number: int, place: Place, fit: Fit) -> None:
        """Add a fit of a round, and write the file."""
        self.fits.setdefault(number, {})[place] = fit
        if self.path is None:
            return
        rows = [
            [number, *place, fit.accuracy, fit.seconds]
            for number, fits in self.fits.items()
            for place, fit in fits.items()
        ]
        content = {"format": _FORMAT, "job": dict(self.job), "fits": rows}
        with atomic_write(self.path) as part:
            part.write_text(json.dumps(content), encoding="utf-8")


def _parse(rows: list[list[float]]) -> Fits:
    fits: Fits = {}
    for number, candidate, split, accuracy, seconds in rows:
        if not 0 <= accuracy <= 1:  # also refuses NaN
            raise ValueError(f"an accuracy is {accuracy}")
        place = (int(candidate), int(split))
        fits.setdefault(int(number), {})[place] = Fit(float(accuracy), float(seconds))
    return fits

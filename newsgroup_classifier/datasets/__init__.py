"""Data sets: one module per data set, which declares a `DatasetLoader`.

Training containers import none of them, because loading needs packages that the images lack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GENERATED = "generated sample"  # the source of generated data


@dataclass(frozen=True)
class DatasetLoader:
    """The name of a data set, how to load it, and how to generate a sample of the same form.

    `load` takes the data folder, or None for DATASETS_DIR, the cache, or a download. Without
    `generate`, the data set has no generated sample.
    """

    name: str
    load: Callable[[Path | None], Any]
    generate: Callable[[], Any] | None = None

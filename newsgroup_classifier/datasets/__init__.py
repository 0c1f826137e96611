"""Data sets: one module per data set, which declares a DatasetLoader.

Training containers import none of them: loading needs packages that the images lack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GENERATED = "generated sample"  # the source of data that says nothing about real texts


@dataclass(frozen=True)
class DatasetLoader:
    """A data set by name: how to load it from a folder or its source, and how to generate a sample.

    `load` takes the data folder, or None for DATASETS_DIR, the cache, or the publisher.
    """

    name: str
    load: Callable[[Path | None], Any]
    generate: Callable[[], Any]

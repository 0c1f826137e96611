"""The data sets by name, discovered in the modules of this package."""

from pathlib import Path

from newsgroup_classifier import datasets
from newsgroup_classifier.channels.images import ImageDataset
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.discovery import discover
from newsgroup_classifier.errors import DataError

AnyDataset = Dataset | ImageDataset
DATASETS = discover(datasets, DatasetLoader)


def load_dataset(name: str, data_dir: Path | None = None) -> AnyDataset:
    """Return a data set by name, from `data_dir` if it is given, or from where it is found."""
    loaded: AnyDataset = _find(name).load(data_dir)
    return loaded


def generate_dataset(name: str) -> AnyDataset:
    """Return a small generated sample in the form of a data set."""
    generated: AnyDataset = _find(name).generate()
    return generated


def _find(name: str) -> DatasetLoader:
    if name not in DATASETS:
        raise DataError(f"unknown data set {name!r} (known: {', '.join(DATASETS)})")
    return DATASETS[name]

"""The catalogue of data sets, discovered in the modules of this package."""

from pathlib import Path
from typing import Any

from newsgroup_classifier import datasets
from newsgroup_classifier.channels.images import ImageDataset
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.discovery import Catalogue
from newsgroup_classifier.errors import DataError

AnyDataset = Dataset | ImageDataset
DATASETS = Catalogue(datasets, DatasetLoader, "data set")


def load_dataset(name: str, data_dir: Path | None = None, **options: Any) -> AnyDataset:
    """Return a data set by name; `data_dir` overrides the places where its files are looked up.

    The options are the values of its flags.
    """
    dataset: AnyDataset = DATASETS.find(name).load(data_dir, **options)
    return dataset


def generate_dataset(name: str, **options: Any) -> AnyDataset:
    """Return a small generated sample in the form of a data set."""
    generate = DATASETS.find(name).generate
    if generate is None:
        raise DataError(f"data set {name} has no generated sample; upload the data set itself")
    dataset: AnyDataset = generate(**options)
    return dataset

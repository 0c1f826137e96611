"""The data sets by name."""

from collections.abc import Callable
from pathlib import Path

from newsgroup_classifier.datasets.channels import Dataset
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.errors import DataError

_LOADERS: dict[str, Callable[[Path | None], Dataset]] = {"20newsgroups": load_newsgroups}


def load_dataset(name: str, data_dir: Path | None = None) -> Dataset:
    """Return a data set by name, from `data_dir` if given, else from where it is found."""
    if name not in _LOADERS:
        raise DataError(f"unknown data set {name!r} (known: {', '.join(_LOADERS)})")
    return _LOADERS[name](data_dir)

"""The data sets by name."""

from collections.abc import Callable
from pathlib import Path

from newsgroup_classifier.datasets.channels import Dataset
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.datasets.sample import generate_newsgroups, generate_spooky
from newsgroup_classifier.datasets.spooky import load_spooky
from newsgroup_classifier.errors import DataError

_LOADERS: dict[str, Callable[[Path | None], Dataset]] = {
    "20newsgroups": load_newsgroups,
    "spooky": load_spooky,
}
_GENERATORS: dict[str, Callable[[], Dataset]] = {
    "20newsgroups": generate_newsgroups,
    "spooky": generate_spooky,
}


def load_dataset(name: str, data_dir: Path | None = None) -> Dataset:
    """Return a data set by name, from `data_dir` if given, else from where it is found."""
    _check(name)
    return _LOADERS[name](data_dir)


def generate_dataset(name: str) -> Dataset:
    """Return a small generated sample in the form of a data set."""
    _check(name)
    return _GENERATORS[name]()


def _check(name: str) -> None:
    if name not in _LOADERS:
        raise DataError(f"unknown data set {name!r} (known: {', '.join(_LOADERS)})")

"""The data sets by name."""

from collections.abc import Callable
from pathlib import Path

from newsgroup_classifier.channels.images import ImageDataset
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.datasets.mnist import load_mnist
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.datasets.quickdraw import load_quickdraw
from newsgroup_classifier.datasets.reddit_comments import load_reddit_comments
from newsgroup_classifier.datasets.sample import generate_newsgroups, generate_spooky
from newsgroup_classifier.datasets.sample_images import generate_digits, generate_sketches
from newsgroup_classifier.datasets.sample_posts import generate_subreddits
from newsgroup_classifier.datasets.sample_texts import generate_comments, generate_headlines
from newsgroup_classifier.datasets.spooky import load_spooky
from newsgroup_classifier.datasets.subreddits import load_subreddits
from newsgroup_classifier.datasets.uci_news import load_uci_news
from newsgroup_classifier.errors import DataError

AnyDataset = Dataset | ImageDataset
_LOADERS: dict[str, Callable[[Path | None], AnyDataset]] = {
    "20newsgroups": load_newsgroups,
    "spooky": load_spooky,
    "uci-news": load_uci_news,
    "reddit-comments": load_reddit_comments,
    "subreddits": load_subreddits,
    "mnist": load_mnist,
    "quickdraw": load_quickdraw,
}
_GENERATORS: dict[str, Callable[[], AnyDataset]] = {
    "20newsgroups": generate_newsgroups,
    "spooky": generate_spooky,
    "uci-news": generate_headlines,
    "reddit-comments": generate_comments,
    "subreddits": generate_subreddits,
    "mnist": generate_digits,
    "quickdraw": generate_sketches,
}


def load_dataset(name: str, data_dir: Path | None = None) -> AnyDataset:
    """Return a data set by name, from `data_dir` if given, else from where it is found."""
    _check(name)
    return _LOADERS[name](data_dir)


def generate_dataset(name: str) -> AnyDataset:
    """Return a small generated sample in the form of a data set."""
    _check(name)
    return _GENERATORS[name]()


def _check(name: str) -> None:
    if name not in _LOADERS:
        raise DataError(f"unknown data set {name!r} (known: {', '.join(_LOADERS)})")

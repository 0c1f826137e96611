"""The sets that the study of text-linear measures: how each is read and split."""

import csv
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedKFold

from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.datasets.spooky import load_spooky
from newsgroup_classifier.datasets.subreddits import load_subreddits
from newsgroup_classifier.datasets.uci_news import load_uci_news
from newsgroup_classifier.text.cleaning import drop_header

_FOLDS = 5
_HEADER_LINES_OF_R8 = 3


@dataclass(frozen=True)
class Part:
    """Texts, their labels, and their groups, if there are any."""

    texts: Sequence[str]
    labels: Sequence[str]
    groups: Sequence[str] | None = None

    def take(self, rows: np.ndarray) -> "Part":
        """Return the rows with these numbers."""
        groups = self.groups and [self.groups[row] for row in rows]
        return Part([self.texts[row] for row in rows], [self.labels[row] for row in rows], groups)


Splits = Callable[[], Iterator[tuple[Part, Part]]]


@dataclass(frozen=True)
class TextSet:
    """A set, how it is split into parts to train and to test with, and how it is trained on."""

    title: str
    protocol: str
    splits: Splits
    recipe: str = "text-linear"
    changed: dict[str, str] = field(default_factory=dict)


def _folder() -> Path:
    return Path(os.environ["DATASETS_DIR"])


def _newsgroups(clean: Callable[[str], str] = str) -> Splits:
    def splits() -> Iterator[tuple[Part, Part]]:
        dataset = load_newsgroups()
        train, test = (
            Part(
                [clean(text) for text in frame["data"]],
                frame["label_names"].tolist(),
                frame["data_subject"].tolist(),
            )
            for frame in (dataset.train, dataset.test)
        )
        yield train, test

    return splits


def _reuters() -> Iterator[tuple[Part, Part]]:
    parts = []
    for name in ("train", "test"):
        (path,) = (_folder() / "reuters-r8").glob(f"*{name}*.gz")
        frame = pd.read_csv(
            path, sep="\t", skiprows=_HEADER_LINES_OF_R8, header=None, quoting=csv.QUOTE_NONE
        ).dropna()
        parts.append(Part(frame[1].tolist(), frame[0].tolist()))
    yield parts[0], parts[1]


def _ag_news() -> Iterator[tuple[Part, Part]]:
    train = pd.read_csv(_folder() / "ag-news" / "train-sample.csv.gz")
    test = pd.read_csv(_folder() / "ag-news" / "test.csv.gz", header=None)
    yield (
        Part(train["text"].tolist(), train["label"].astype(str).tolist()),
        Part((test[1] + " " + test[2]).tolist(), test[0].astype(str).tolist()),
    )


def _bbc() -> Part:
    texts, labels = [], []
    with tarfile.open(_folder() / "bbc-news" / "bbc-fulltext.tar.gz") as tar:
        for member in sorted(tar.getmembers(), key=lambda each: each.name):
            if member.name.endswith(".txt") and (file := tar.extractfile(member)):
                texts.append(file.read().decode("utf-8", "replace"))
                labels.append(member.name.split("/")[-2])
    return Part(texts, labels)


def _both_channels(load: Callable[[], Dataset]) -> Callable[[], Part]:
    def read() -> Part:
        dataset = load()
        frame = pd.concat([dataset.train, dataset.test])
        return Part(*(frame[name].tolist() for name in ("data", "label_names", "data_subject")))

    return read


def _folds(read: Callable[[], Part], by_group: bool = False) -> Splits:
    def splits() -> Iterator[tuple[Part, Part]]:
        part = read()
        splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        if by_group:
            splitter = GroupKFold(_FOLDS)
        groups = part.groups if by_group else None
        for train, test in splitter.split(np.zeros(len(part.labels)), part.labels, groups):
            yield part.take(train), part.take(test)

    return splits


SETS = (
    TextSet("20 Newsgroups, whole posts", "split by date", _newsgroups(), recipe="newsgroups-text"),
    TextSet(
        "20 Newsgroups, first five lines dropped",
        "split by date",
        _newsgroups(drop_header),
        changed={"grouped": "yes"},
    ),
    TextSet("Reuters R8", "published split", _reuters),
    TextSet("BBC", "5 folds", _folds(_bbc)),
    TextSet("AG News, 12,529 rows", "published test", _ag_news),
    TextSet("Spooky", "5 folds", _folds(_both_channels(load_spooky)), recipe="spooky-ngrams"),
    TextSet(
        "UCI headlines",
        "5 folds by story",
        _folds(_both_channels(load_uci_news), by_group=True),
        changed={"grouped": "yes"},
    ),
    TextSet(
        "subreddits",
        "5 folds",
        _folds(_both_channels(load_subreddits)),
        changed={"title": "first-line"},
    ),
)

"""Spooky Author Identification: sentences by E. A. Poe, H. P. Lovecraft and Mary Shelley.

Published on Kaggle, behind a login, as train.csv with the columns id, text and author. A fifth of
the rows of each author, drawn with a fixed seed, is the test channel. Kaggle's test.csv has no
labels.
"""

import random
from collections import Counter
from pathlib import Path

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.sources.location import HandedOut, locate_handed_out
from newsgroup_classifier.datasets.sources.published_text import csv_rows, read_text
from newsgroup_classifier.datasets.splits import draw_rows
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.lexicon import Lexicon

AUTHORS = ("EAP", "HPL", "MWS")
_PAGE = "https://www.kaggle.com/c/spooky-author-identification/data"
_FOLDER = "spooky-author-identification"
TRAIN = HandedOut(
    _FOLDER,
    ("train.csv.gz", "train.csv", "train.zip"),
    f"Log in at {_PAGE}, fetch train.csv or train.zip",
)
UNLABELLED = HandedOut(
    _FOLDER,
    ("test-unlabelled.csv.gz", "test.csv.gz", "test.csv", "test.zip"),
    f"Log in at {_PAGE}, fetch test.csv or test.zip",
)
_SAMPLE_SENTENCES = (150, 40)  # per author, to train and to test with
_LEAST = 3  # sentences of an author, of which one is to test with
Row = tuple[str, str, str, int]  # the channel columns


def load_spooky(data_dir: Path | None = None) -> Dataset:
    """Return the labelled sentences, about a fifth of them to test with."""
    path = locate_handed_out(TRAIN, data_dir)
    rows = read_rows(path, ("id", "text", "author"))
    found: list[Row] = []
    for number, (_, text, author) in enumerate(rows, start=1):
        if author not in AUTHORS:
            raise DataError(
                f"{path}: row {number} is by {author!r}; expected {', '.join(AUTHORS)}."
            )
        found.append((text, "", author, AUTHORS.index(author)))
    counts = Counter(row[2] for row in found)
    if any(counts[author] < _LEAST for author in AUTHORS):
        held = ", ".join(f"{counts[author]} by {author}" for author in AUTHORS)
        raise DataError(
            f"{path} has too few sentences to train and to test with ({held}); expected "
            f"{_LEAST} or more of each author."
        )
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in split_rows(found))
    return Dataset(train, test, "Spooky Author Identification (Kaggle)")


def split_rows(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return four fifths of each author's rows to train on, in their order, and a fifth to test."""
    drawn = draw_rows([row[3] for row in rows])
    train, test = (
        [row for n, row in enumerate(rows) if (n in drawn) == tested] for tested in (False, True)
    )
    return train, test


def load_unlabelled(data_dir: Path | None = None) -> list[str]:
    """Return the sentences that Kaggle gives no author of."""
    return [text for _, text in read_rows(locate_handed_out(UNLABELLED, data_dir), ("id", "text"))]


def read_rows(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    """Return the rows of a CSV file, gzipped or zipped or neither; raise DataError if broken."""

    def broken(reason: str) -> DataError:
        return DataError(
            f"{path} is not the CSV file that Kaggle gives: {reason}. Fetch it again from {_PAGE}."
        )

    return csv_rows(read_text(path, broken), columns, broken)


def generate_spooky(seed: int = 0) -> Dataset:
    """Return generated sentences of the three authors; the same seed gives the same sentences."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    rows: tuple[list[tuple[str, str, str, int]], ...] = ([], [])
    for label, author in enumerate(AUTHORS):
        own = invented_words(rng, 60)
        for split, count in enumerate(_SAMPLE_SENTENCES):
            for _ in range(count):
                rows[split].append((_sentence(rng, own, shared), "", author, label))
    train, test = (pd.DataFrame(sentences, columns=list(COLUMNS)) for sentences in rows)
    return Dataset(train, test, GENERATED)


def generate_lexicon(seed: int = 0) -> Lexicon:
    """Return a lexicon whose nouns are the words of `generate_spooky`."""
    dataset = generate_spooky(seed)
    texts = [*dataset.train["data"], *dataset.test["data"]]
    words = {word for text in texts for word in text.lower().rstrip(".").split()}
    nouns = frozenset(word.removesuffix("s") for word in words)
    return Lexicon(nouns, {"mice": ("mouse",)}, GENERATED)


def _sentence(rng: random.Random, own: list[str], shared: list[str]) -> str:
    chosen = [rng.choice(own if rng.random() < 0.2 else shared) for _ in range(rng.randint(5, 25))]
    plural = [word + rng.choice(("", "", "s")) for word in chosen]
    return " ".join(plural).capitalize() + "."


DATASET = DatasetLoader("spooky", load_spooky, generate_spooky)

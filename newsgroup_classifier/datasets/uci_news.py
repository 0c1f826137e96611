"""UCI News Aggregator: headlines of 2014 in four categories, many of them on the same story.

Published by Fabio Gasparetti at the UCI archive, as a zip with newsCorpora.csv (tabs, no header),
and on Kaggle as a CSV file with a header. Headlines that occur more than once are dropped, all
copies. The test channel is a fifth of the rows by whole stories: headlines of one story are much
alike, and a model would be tested on what it has seen.
"""

import random
from collections import Counter
from pathlib import Path

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.sources.published_text import csv_rows, read_text, tab_rows
from newsgroup_classifier.datasets.splits import draw_groups
from newsgroup_classifier.errors import DataError, DataErrorFactory

ARCHIVE = PublishedFile(
    folder="uci-news-aggregator",
    name="news+aggregator.zip",
    url="https://archive.ics.uci.edu/static/public/359/news+aggregator.zip",
    sha256=None,
    other_names=(
        "newsCorpora.csv",
        "NewsAggregatorDataset.zip",
        "uci-news-aggregator.csv",
        "uci-news-aggregator.csv.gz",
        "uci-news-aggregator-sample.csv.gz",
    ),
)
_MEMBER = "newsCorpora.csv"
FIELDS = ("ID", "TITLE", "URL", "PUBLISHER", "CATEGORY", "STORY", "HOSTNAME", "TIMESTAMP")
_TITLE, _CATEGORY, _STORY = (FIELDS.index(name) for name in ("TITLE", "CATEGORY", "STORY"))
# The letter of each category in the file; m is for medicine.
CATEGORIES = {"b": "business", "e": "entertainment", "m": "health", "t": "science/tech"}
LABEL_NAMES = tuple(CATEGORIES.values())  # in sorted order
_TRAIN_STORIES, _TEST_STORIES = 24, 6  # per category of the generated sample
Row = tuple[str, str, str, int]  # the channel columns


def load_uci_news(data_dir: Path | None = None) -> Dataset:
    """Return the headlines that occur once, their story as subject."""
    path = locate(ARCHIVE, data_dir)

    def broken(reason: str) -> DataError:
        return DataError(
            f"{path} is not the News Aggregator: {reason}. Delete it and fetch {ARCHIVE.url} again."
        )

    text = read_text(path, broken, _MEMBER)
    tabs = path.name == _MEMBER or path.suffix == ".zip"
    fields = (tab_rows if tabs else csv_rows)(text, FIELDS, broken)
    rows = _rows(fields, broken)
    drawn = draw_groups([row[3] for row in rows], [row[1] for row in rows])
    parts = [[row for n, row in enumerate(rows) if (n in drawn) == part] for part in (False, True)]
    for part in parts:
        _check_categories(part, broken)
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in parts)
    return Dataset(train, test, "UCI News Aggregator")


def _rows(fields: list[list[str]], broken: DataErrorFactory) -> list[Row]:
    """Return the rows whose title occurs once; raise DataError for one that cannot be used."""
    found: list[Row] = []
    for number, row in enumerate(fields, start=1):
        title, category, story = row[_TITLE], row[_CATEGORY], row[_STORY]
        if category not in CATEGORIES:
            raise broken(
                f"row {number} has the category {category[:20]!r}; expected {', '.join(CATEGORIES)}"
            )
        if not title.strip() or not story.strip():
            raise broken(f"row {number} has no {'story' if title.strip() else 'title'}")
        name = CATEGORIES[category]
        found.append((title, story, name, LABEL_NAMES.index(name)))
    copies = Counter(row[0] for row in found)
    return [row for row in found if copies[row[0]] == 1]


def _check_categories(rows: list[Row], broken: DataErrorFactory) -> None:
    missing = set(LABEL_NAMES) - {row[2] for row in rows}
    if missing:
        raise broken(
            f"it has too few headlines of {', '.join(sorted(missing))} to train and to test with; "
            "expected stories enough for a fifth of each category"
        )


def generate_headlines(seed: int = 0) -> Dataset:
    """Return generated headlines of the four categories, three to six on each story."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    rows: tuple[dict[str, Row], ...] = ({}, {})
    for label, name in enumerate(LABEL_NAMES):
        own = invented_words(rng, 60)
        for number in range(_TRAIN_STORIES + _TEST_STORIES):
            part = rows[0 if number < _TRAIN_STORIES else 1]
            story = f"d{label}{number:03}{rng.randrange(16**8):08x}"
            about = rng.choices(own, k=6)
            for _ in range(rng.randint(3, 6)):
                headline = _headline(rng, about, shared)
                part[headline] = (headline, story, name, label)
    train, test = (pd.DataFrame(list(part.values()), columns=list(COLUMNS)) for part in rows)
    return Dataset(train, test, GENERATED)


def _headline(rng: random.Random, about: list[str], shared: list[str]) -> str:
    words = rng.sample(about, 3) + rng.choices(shared, k=rng.randint(3, 7))
    rng.shuffle(words)
    return " ".join(words).capitalize() + rng.choice(("", "", "?", " - update"))


DATASET = DatasetLoader("uci-news", load_uci_news, generate_headlines)

"""UCI News Aggregator: headlines of 2014 in four categories, often several on the same story.

Published by Fabio Gasparetti in the UCI archive, as a zip file with newsCorpora.csv (separated by
tabs, without a header), and on Kaggle as a CSV file with a header. Headlines that occur more than
once are dropped, including the first copy. About a fifth of the rows, in whole stories, become the
test channel: headlines of one story are so similar that a model must not train on some of them and
be tested on others.
"""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from newsgroup_classifier.channels.texts import Dataset, Row, dataset_of
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.files.decoding import open_text
from newsgroup_classifier.datasets.files.opening import Source, Tree, open_path
from newsgroup_classifier.datasets.files.tables import read_table
from newsgroup_classifier.datasets.generated_texts import invent_words
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.splits import draw_groups, partition
from newsgroup_classifier.errors import DataError, DataErrorFactory, counted
from newsgroup_classifier.text.visible import is_blank

ARCHIVE = PublishedFile(
    folder="uci-news-aggregator",
    names=(
        "newsCorpora.csv",
        "NewsAggregatorDataset.zip",
        "uci-news-aggregator.csv",
        "uci-news-aggregator.csv.gz",
        "uci-news-aggregator-sample.csv.gz",
        "news+aggregator.zip",
    ),
    url="https://archive.ics.uci.edu/static/public/359/news+aggregator.zip",
)
_MEMBER = "newsCorpora.csv"
FIELDS = ("ID", "TITLE", "URL", "PUBLISHER", "CATEGORY", "STORY", "HOSTNAME", "TIMESTAMP")
_TITLE, _CATEGORY, _STORY = (FIELDS.index(name) for name in ("TITLE", "CATEGORY", "STORY"))
# The letter of each category in the file; m stands for medicine.
CATEGORIES = {"b": "business", "e": "entertainment", "m": "health", "t": "science/tech"}
LABEL_NAMES = tuple(CATEGORIES.values())  # sorted
_TRAIN_STORIES, _TEST_STORIES = 24, 6  # per category of the generated sample


def load_uci_news(data_dir: Path | None = None) -> Dataset:
    """Return the headlines that occur once, with their story as the subject."""
    path = locate(ARCHIVE, data_dir)

    def invalid(reason: str) -> DataError:
        return DataError(
            f"{path} is not the News Aggregator file: {reason}. Delete it and download "
            f"{ARCHIVE.url} again."
        )

    is_original = path.name == _MEMBER or path.suffix == ".zip"
    fields = _tab_rows(path, invalid) if is_original else read_table(path, FIELDS, invalid)
    rows = _unique_rows(fields, invalid)
    parts = partition(rows, draw_groups([row[3] for row in rows], [row[1] for row in rows]))
    for part in parts:
        _check_categories(part, invalid)
    return dataset_of(*parts, "UCI News Aggregator")


def _tab_rows(path: Path, invalid: DataErrorFactory) -> list[list[str]]:
    """Return the rows of UCI's file, in which quotes are part of a title."""
    opened = open_path(path)
    if isinstance(opened, Tree):
        if (member := PurePosixPath(_MEMBER)) not in opened.files:
            raise invalid(f"it does not contain {_MEMBER}")
        opened = Source(f"{path}/{_MEMBER}", member.suffix, opened.files[member])
    with open_text(opened, "utf-8") as file:
        lines = file.read().removesuffix("\n").split("\n")
    rows = [line.removesuffix("\r").split("\t") for line in lines]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(FIELDS):
            raise invalid(f"row {number} has {counted(len(row), 'field')}; expected {len(FIELDS)}")
    return rows


def _unique_rows(fields: Sequence[Sequence[str]], invalid: DataErrorFactory) -> list[Row]:
    """Return the rows whose title occurs once; raise an error for a row that is not valid."""
    rows: list[Row] = []
    for number, row in enumerate(fields, start=1):
        title, category, story = row[_TITLE], row[_CATEGORY], row[_STORY]
        if category not in CATEGORIES:
            raise invalid(
                f"the category of row {number} is unknown; expected {', '.join(CATEGORIES)}"
            )
        if is_blank(title) or not story.strip():
            raise invalid(f"row {number} has no {'title' if is_blank(title) else 'story'}")
        name = CATEGORIES[category]
        rows.append((title, story, name, LABEL_NAMES.index(name)))
    copies = Counter(row[0] for row in rows)
    return [row for row in rows if copies[row[0]] == 1]


def _check_categories(rows: list[Row], invalid: DataErrorFactory) -> None:
    missing = set(LABEL_NAMES) - {row[2] for row in rows}
    if missing:
        raise invalid(
            f"it has too few headlines of {', '.join(sorted(missing))} to train and test with; "
            "expected enough stories for a fifth of each category"
        )


def generate_headlines(seed: int = 0) -> Dataset:
    """Return generated headlines of the four categories, three to six per story."""
    rng = random.Random(seed)  # noqa: S311 - not for security
    shared = invent_words(rng, 300)
    parts: tuple[dict[str, Row], dict[str, Row]] = ({}, {})
    for label, name in enumerate(LABEL_NAMES):
        own = invent_words(rng)
        for number in range(_TRAIN_STORIES + _TEST_STORIES):
            rows = parts[0 if number < _TRAIN_STORIES else 1]
            story = f"d{label}{number:03}{rng.randrange(16**8):08x}"
            topic = rng.choices(own, k=6)
            for _ in range(rng.randint(3, 6)):
                headline = _generate_headline(rng, topic, shared)
                rows[headline] = (headline, story, name, label)
    return dataset_of(list(parts[0].values()), list(parts[1].values()), GENERATED)


def _generate_headline(rng: random.Random, topic: list[str], shared: list[str]) -> str:
    words = rng.sample(topic, 3) + rng.choices(shared, k=rng.randint(3, 7))
    rng.shuffle(words)
    return " ".join(words).capitalize() + rng.choice(("", "", "?", " - update"))


DATASET = DatasetLoader("uci-news", load_uci_news, generate_headlines)

"""Small generated headlines and comments in the form of the real ones; see `sample`."""

import random

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.uci_news import LABEL_NAMES

_TRAIN_STORIES, _TEST_STORIES = 24, 6  # a category
_COMMENTS = (("science_and_technology", 200, 50), ("sports", 110, 28))
Row = tuple[str, str, str, int]  # the channel columns


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


def generate_comments(seed: int = 0) -> Dataset:
    """Return generated comments of two categories, a few of them deleted as on Reddit."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    rows: tuple[list[Row], ...] = ([], [])
    for label, (name, *counts) in enumerate(_COMMENTS):
        own = invented_words(rng, 60)
        for part, count in zip(rows, counts, strict=True):
            comments = [_comment(rng, own, shared) for _ in range(count - 1)]
            part.extend((comment, "", name, label) for comment in (*comments, "[deleted]"))
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in rows)
    return Dataset(train, test, GENERATED)


def _headline(rng: random.Random, about: list[str], shared: list[str]) -> str:
    words = rng.sample(about, 3) + rng.choices(shared, k=rng.randint(3, 7))
    rng.shuffle(words)
    return " ".join(words).capitalize() + rng.choice(("", "", "?", " - update"))


def _comment(rng: random.Random, own: list[str], shared: list[str]) -> str:
    sentences = []
    for _ in range(rng.randint(1, 4)):
        words = [rng.choice(own if rng.random() < 0.4 else shared) for _ in range(9)]
        endings = [word + rng.choice(("", "", "", "ing", "ed", "s")) for word in words]
        sentences.append(" ".join(endings).capitalize() + rng.choice(".!?"))
    return "  ".join(sentences)

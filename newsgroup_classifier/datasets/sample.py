"""A small generated corpus in the form of 20 Newsgroups, for laptops without data and network.

Every group has words of its own and shares others, so a classifier learns something; figures
from it say nothing about real posts and are marked "generated sample" wherever they are printed.
"""

import random

import pandas as pd

from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.datasets.channels import COLUMNS, Dataset
from newsgroup_classifier.datasets.newsgroups import GROUPS

_TRAIN_POSTS, _TEST_POSTS = 40, 15  # a group
_SYLLABLES = [a + b for a in "bdklmr" for b in "aeio"]


def generate_newsgroups(seed: int = 0) -> Dataset:
    """Return generated posts of all 20 groups; the same seed gives the same posts."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = _vocabulary(rng, 400)
    rows: tuple[list[tuple[str, str, str, int]], ...] = ([], [])
    for label, group in enumerate(GROUPS):
        own = _vocabulary(rng, 60)
        for split, count in enumerate((_TRAIN_POSTS, _TEST_POSTS)):
            for _ in range(count):
                subject = " ".join(rng.choices(own, k=4))
                rows[split].append((_post(rng, subject, own, shared), subject, group, label))
    train, test = (pd.DataFrame(posts, columns=list(COLUMNS)) for posts in rows)
    return Dataset(train, test, GENERATED)


def _vocabulary(rng: random.Random, size: int) -> list[str]:
    return ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(size)]


def _post(rng: random.Random, subject: str, own: list[str], shared: list[str]) -> str:
    header = [
        f"From: {rng.choice(shared)}@example.com",
        f"Subject: {subject}",
        "Organization: the generator",
        f"Lines: {rng.randint(3, 9)}",
        "",
    ]
    lines = []
    for _ in range(rng.randint(3, 9)):
        words = [rng.choice(own) if rng.random() < 0.15 else rng.choice(shared) for _ in range(9)]
        lines.append(" ".join(words).capitalize() + ".")
    return "\n".join([*header, *lines, ""])

"""Small generated corpora in the form of the real ones, for laptops without data and network.

Every class has words of its own and shares others, so a classifier learns something; figures
from it say nothing about real texts and are marked "generated sample" wherever they are printed.
"""

import random

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.datasets.newsgroups import GROUPS
from newsgroup_classifier.datasets.spooky import AUTHORS
from newsgroup_classifier.text.lexicon import Lexicon

_TRAIN_POSTS, _TEST_POSTS = 40, 15  # a group
_TRAIN_SENTENCES, _TEST_SENTENCES = 150, 40  # an author
_SYLLABLES = [a + b for a in "bdklmr" for b in "aeio"]


def generate_newsgroups(seed: int = 0) -> Dataset:
    """Return generated posts of all 20 groups; the same seed gives the same posts."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 400)
    rows: tuple[list[tuple[str, str, str, int]], ...] = ([], [])
    for label, group in enumerate(GROUPS):
        own = invented_words(rng, 60)
        for split, count in enumerate((_TRAIN_POSTS, _TEST_POSTS)):
            for _ in range(count):
                subject = " ".join(rng.choices(own, k=4))
                rows[split].append((_post(rng, subject, own, shared), subject, group, label))
    train, test = (pd.DataFrame(posts, columns=list(COLUMNS)) for posts in rows)
    return Dataset(train, test, GENERATED)


def generate_spooky(seed: int = 0) -> Dataset:
    """Return generated sentences of the three authors; the same seed gives the same sentences."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    rows: tuple[list[tuple[str, str, str, int]], ...] = ([], [])
    for label, author in enumerate(AUTHORS):
        own = invented_words(rng, 60)
        for split, count in enumerate((_TRAIN_SENTENCES, _TEST_SENTENCES)):
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


def invented_words(rng: random.Random, size: int) -> list[str]:
    """Return words of two to four syllables; some may come twice."""
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

"""20 Newsgroups, the "bydate" split: 11,314 posts to train on and 7,532 to test with.

Published by Jason Rennie; the file is the one that scikit-learn fetches.
"""

import random
import tarfile
import zlib
from collections import Counter
from pathlib import Path

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.errors import DataError

ARCHIVE = PublishedFile(
    folder="20newsgroups",
    name="20news-bydate.tar.gz",
    url="https://ndownloader.figshare.com/files/5975967",
    sha256="8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
)
# Group: (train posts, test posts), as published.
COUNTS = {
    "alt.atheism": (480, 319),
    "comp.graphics": (584, 389),
    "comp.os.ms-windows.misc": (591, 394),
    "comp.sys.ibm.pc.hardware": (590, 392),
    "comp.sys.mac.hardware": (578, 385),
    "comp.windows.x": (593, 395),
    "misc.forsale": (585, 390),
    "rec.autos": (594, 396),
    "rec.motorcycles": (598, 398),
    "rec.sport.baseball": (597, 397),
    "rec.sport.hockey": (600, 399),
    "sci.crypt": (595, 396),
    "sci.electronics": (591, 393),
    "sci.med": (594, 396),
    "sci.space": (593, 394),
    "soc.religion.christian": (599, 398),
    "talk.politics.guns": (546, 364),
    "talk.politics.mideast": (564, 376),
    "talk.politics.misc": (465, 310),
    "talk.religion.misc": (377, 251),
}
GROUPS = tuple(COUNTS)  # in sorted order: a post's label is its group's place here
Row = tuple[str, str, str, int]  # the channel columns
_SAMPLE_POSTS = (40, 15)  # per group, to train and to test with
_SPLITS = {"20news-bydate-train": 0, "20news-bydate-test": 1}


def load_newsgroups(data_dir: Path | None = None) -> Dataset:
    """Return both splits as raw posts; raise DataError unless every published count is met."""
    path = locate(ARCHIVE, data_dir)
    rows = _read(path)
    for split, posts in enumerate(rows):
        found = Counter(row[2] for row in posts)
        for group, counts in COUNTS.items():
            if found[group] != counts[split]:
                raise DataError(
                    f"{path} has {found[group]} posts of {group} in its "
                    f"{('train', 'test')[split]} part; the published set has {counts[split]}. "
                    "Fetch the file again."
                )
    train, test = (pd.DataFrame(posts, columns=list(COLUMNS)) for posts in rows)
    return Dataset(train, test, "20 Newsgroups (bydate)")


def _read(path: Path) -> tuple[list[Row], list[Row]]:
    """Read every post of the archive in the order of the names; nothing is unpacked to disk."""
    found: list[tuple[str, int, Row]] = []
    labels = {group: label for label, group in enumerate(GROUPS)}
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                parts = member.name.split("/")
                if not member.isreg() or len(parts) < 3 or parts[-3] not in _SPLITS:
                    continue
                file = tar.extractfile(member)
                group = parts[-2]
                if file is None or group not in labels:
                    raise DataError(f"{path} holds an unknown group {group!r}. Fetch it again.")
                post = file.read().decode("latin-1")
                row = (post, subject_of(post), group, labels[group])
                found.append((member.name, _SPLITS[parts[-3]], row))
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(
            f"{path} is not a whole tar.gz archive ({error}). Fetch it again."
        ) from error
    found.sort()
    train, test = ([row for _, split, row in found if split == wanted] for wanted in (0, 1))
    return train, test


def subject_of(post: str) -> str:
    """Return the Subject header of a post, or an empty text."""
    for line in post.split("\n"):
        if line.startswith("Subject:"):
            return line.removeprefix("Subject:").strip()
        if not line.strip():
            break
    return ""


def generate_newsgroups(seed: int = 0) -> Dataset:
    """Return generated posts of all 20 groups; the same seed gives the same posts."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 400)
    rows: tuple[list[tuple[str, str, str, int]], ...] = ([], [])
    for label, group in enumerate(GROUPS):
        own = invented_words(rng, 60)
        for split, count in enumerate(_SAMPLE_POSTS):
            for _ in range(count):
                subject = " ".join(rng.choices(own, k=4))
                rows[split].append(
                    (_generate_post(rng, subject, own, shared), subject, group, label)
                )
    train, test = (pd.DataFrame(posts, columns=list(COLUMNS)) for posts in rows)
    return Dataset(train, test, GENERATED)


def _generate_post(rng: random.Random, subject: str, own: list[str], shared: list[str]) -> str:
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


DATASET = DatasetLoader("20newsgroups", load_newsgroups, generate_newsgroups)

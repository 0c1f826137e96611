"""20 Newsgroups, the "bydate" split: 11,314 train posts and 7,532 test posts.

Published by Jason Rennie; the file is the one that scikit-learn downloads.
"""

import gzip
import random
import tarfile
import zlib
from collections import Counter
from pathlib import Path

from newsgroup_classifier.channels.texts import Dataset, Row, dataset_of
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.datasets.generated_texts import generate_texts, mix_words
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.errors import DataError, counted

ARCHIVE = PublishedFile(
    folder="20newsgroups",
    names=("20news-bydate.tar.gz",),
    url="https://ndownloader.figshare.com/files/5975967",
    sha256="8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
)
# The published numbers of train and test posts of each group.
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
GROUPS = tuple(COUNTS)  # sorted; a post's label is the index of its group
_SAMPLE_POSTS = (40, 15)  # per group, train and test
_CHUNK = 1024 * 1024  # bytes
_SPLITS = {"20news-bydate-train": 0, "20news-bydate-test": 1}


def load_newsgroups(data_dir: Path | None = None) -> Dataset:
    """Return both splits as raw posts; raise DataError unless they have the published counts."""
    path = locate(ARCHIVE, data_dir)
    parts = _read(path)
    for split, posts in enumerate(parts):
        actual = Counter(row[2] for row in posts)
        for group, counts in COUNTS.items():
            if actual[group] != counts[split]:
                raise DataError(
                    f"{path} has {counted(actual[group], 'post')} of {group} in its "
                    f"{('train', 'test')[split]} part; the published set has {counts[split]}. "
                    "Download the file again."
                )
    return dataset_of(*parts, "20 Newsgroups (bydate)")


def _read(path: Path) -> tuple[list[Row], list[Row]]:
    """Return the posts of both splits, sorted by file name, without unpacking to disk."""
    posts: list[tuple[str, int, Row]] = []
    labels = {group: label for label, group in enumerate(GROUPS)}
    try:
        with gzip.open(path) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as tar:
            for member in tar:
                parts = member.name.split("/")
                if not member.isreg() or len(parts) < 3 or parts[-3] not in _SPLITS:
                    continue
                file = tar.extractfile(member)
                group = parts[-2]
                if file is None or group not in labels:
                    raise DataError(f"{path} has an unknown group {group!r}. Download it again.")
                post = file.read().decode("latin-1")
                row = (post, subject_of(post), group, labels[group])
                posts.append((member.name, _SPLITS[parts[-3]], row))
            while unpacked.read(_CHUNK):  # gzip compares the checksum at the end
                pass
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(
            f"{path} is not a complete tar.gz archive ({error}). Download it again."
        ) from error
    posts.sort()
    train, test = ([row for _, split, row in posts if split == wanted] for wanted in (0, 1))
    return train, test


def subject_of(post: str) -> str:
    """Return the Subject header of a post, or an empty string."""
    for line in post.split("\n"):
        if line.startswith("Subject:"):
            return line.removeprefix("Subject:").strip()
        if not line.strip():
            break
    return ""


def generate_newsgroups(seed: int = 0) -> Dataset:
    """Return generated posts of all 20 groups; the same seed gives the same posts."""
    return generate_texts(GROUPS, _SAMPLE_POSTS, _generate_post, seed, shared=400)


def _generate_post(rng: random.Random, own: list[str], shared: list[str]) -> tuple[str, str]:
    subject = " ".join(rng.choices(own, k=4))
    header = [
        f"From: {rng.choice(shared)}@example.com",
        f"Subject: {subject}",
        "Organization: the generator",
        f"Lines: {rng.randint(3, 9)}",
        "",
    ]
    lines = [
        " ".join(mix_words(rng, own, shared, 0.15, 9)).capitalize() + "."
        for _ in range(rng.randint(3, 9))
    ]
    return "\n".join([*header, *lines, ""]), subject


DATASET = DatasetLoader("20newsgroups", load_newsgroups, generate_newsgroups)

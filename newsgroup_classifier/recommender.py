"""What a trained model says of posts: the likeliest labels, the nearest posts that it knows.

    recommender = load_recommender("artifact/model")
    predict(recommender, ["how do i fix a leaking tap"], top=3)
    neighbors(recommender, ["how do i fix a leaking tap"], count=5)

Serving containers answer by the same functions.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import ArtifactError, PayloadTooLarge, RequestError

_LEAST_BYTES = 40  # of a neighbor in JSON, without its texts


@dataclass(frozen=True)
class Ranked:
    """A label and its probability."""

    label: str
    probability: float


@dataclass(frozen=True)
class Neighbor:
    """A post of the train channel: its label, its distance from a text, and its own text."""

    label: str
    distance: float
    text: str


@dataclass(frozen=True)
class Posts:
    """The texts that a model was trained on, and the label number of each."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The characters of each text."""
        return np.array([len(text) for text in self.texts], np.int64)


@dataclass(frozen=True)
class Classifier:
    """A fitted estimator, the names of its labels by number, and the posts behind it if kept."""

    estimator: Any
    label_names: tuple[str, ...]
    posts: Posts | None = None


@dataclass(frozen=True)
class Recommender:
    """A trained model: texts to features, and features to labels."""

    transformers: Any
    classifier: Classifier


def load_recommender(folder: str | Path) -> Recommender:
    """Load the model of an artifact folder, whose manifest is checked first."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ArtifactError(f"{folder} {_not_a_folder(folder)}")
    manifest = artifacts.load_manifest(folder)
    transformers = artifacts.load_object(folder, manifest, artifacts.PREPROCESS)
    return Recommender(transformers, load_classifier(folder, manifest))


def _not_a_folder(path: Path) -> str:
    if not path.exists():
        return "does not exist; expected the folder of an artifact."
    if path.name.endswith((".tar.gz", ".tgz")):
        return "is an archive; unpack it first, and load the folder that it is unpacked into."
    return "is a file; expected the folder of an artifact."


def load_classifier(folder: Path, manifest: artifacts.Manifest) -> Classifier:
    """Load what labels features; the second container has no more of a model."""
    estimator = artifacts.load_object(folder, manifest, artifacts.MODEL)
    return Classifier(estimator, manifest.label_names, load_posts(folder, manifest))


def predict(recommender: Recommender, texts: Sequence[str], top: int = 3) -> list[list[Ranked]]:
    """Return the `top` likeliest labels of each text, the likeliest first."""
    features = recommender.transformers.transform(_checked(texts))
    rows = recommender.classifier.estimator.predict_proba(features)
    names = recommender.classifier.label_names
    return [likeliest(dict(zip(names, row, strict=True)), top) for row in rows.tolist()]


def neighbors(
    recommender: Recommender, texts: Sequence[str], count: int = 5
) -> list[list[Neighbor]]:
    """Return the `count` nearest posts of the train channel for each text, the nearest first."""
    features = recommender.transformers.transform(_checked(texts))
    return nearest(recommender.classifier, features, count)


def _checked(texts: Sequence[str]) -> list[str]:
    """Return texts as a list; raise RequestError for what is none, a lone text above all."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise RequestError(f"texts is of type {type(texts).__name__}; expected a list of texts")
    found = list(texts)
    if not found:
        raise RequestError("texts is empty; expected a list of one text or more")
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise RequestError(f"texts[{place}] is of type {type(text).__name__}; expected str")
    return found


def likeliest(probabilities: Mapping[str, float], top: int) -> list[Ranked]:
    """Return the `top` likeliest labels; raise RequestError if there are not so many."""
    if not 1 <= top <= len(probabilities):
        raise RequestError(f"top is {top}; expected 1 to {len(probabilities)}, the model's labels")
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])[:top]
    return [Ranked(label, probability) for label, probability in ranked]


def nearest(
    classifier: Classifier, features: Any, count: int, most_bytes: int | None = None
) -> list[list[Neighbor]]:
    """Return the nearest posts of rows of features; raise RequestError if the model has none.

    If they would have more bytes than `most_bytes` as JSON, raise PayloadTooLarge before they are
    put together: a thousand posts for each of a thousand texts are gigabytes.
    """
    posts = classifier.posts
    if posts is None:
        raise RequestError(
            "this model keeps no posts to be neighbors; a recipe such as subreddits-neighbors does"
        )
    if not 1 <= count <= len(posts.texts):
        raise RequestError(
            f"neighbors is {count}; expected 1 to {len(posts.texts)}, the posts that the model has"
        )
    size = features.shape[0] * count * _LEAST_BYTES
    _check_size(size, most_bytes)
    distances, numbers = classifier.estimator.kneighbors(features, n_neighbors=count)
    _check_size(size + int(posts.lengths[numbers].sum()), most_bytes)
    return [
        [
            Neighbor(classifier.label_names[posts.labels[n]], distance, posts.texts[n])
            for distance, n in zip(row, found, strict=True)
        ]
        for row, found in zip(distances.tolist(), numbers.tolist(), strict=True)
    ]


def _check_size(size: int, most: int | None) -> None:
    if most is not None and size > most:
        raise PayloadTooLarge(
            f"the nearest posts have {size} bytes or more; at most {most} leave a container. Ask "
            "for fewer neighbors, or send fewer texts in one request."
        )


def write_posts(texts: Sequence[str], labels: Sequence[int]) -> bytes:
    """Return the bytes of the file of posts; the same posts give the same bytes."""
    content = json.dumps({"texts": list(texts), "labels": list(labels)}, separators=(",", ":"))
    return gzip.compress(content.encode(), mtime=0)


def load_posts(folder: Path, manifest: artifacts.Manifest) -> Posts | None:
    """Return the posts of an artifact folder, or None if it has none."""
    if artifacts.POSTS not in manifest.files:
        return None
    path = folder / artifacts.POSTS
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        return Posts(tuple(content["texts"]), tuple(content["labels"]))
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} is no file of posts: {error!r}. Train it again.") from error

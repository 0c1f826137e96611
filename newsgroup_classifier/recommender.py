"""Recommend labels for texts, and the nearest posts that a model was trained on.

    recommender = load_recommender("artifact/model")
    predict(recommender, ["how do i fix a leaking tap"], top=3)
    neighbors(recommender, ["how do i fix a leaking tap"], count=5)

Serving containers use the same functions.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import ArtifactError, PayloadTooLarge, RequestError, name_list
from newsgroup_classifier.feature_matrix import feature_matrix

_MIN_BYTES = 40  # of a neighbor in JSON, without its text
_SHOWN = 10  # classes in a message


@dataclass(frozen=True)
class Ranked:
    """A label and its probability."""

    label: str
    probability: float


@dataclass(frozen=True)
class Neighbor:
    """A post of the train channel: its label, its distance from a text, and its text."""

    label: str
    distance: float
    text: str


@dataclass(frozen=True)
class Posts:
    """The texts that a model was trained on, with their label numbers."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The number of characters of each text."""
        return np.array([len(text) for text in self.texts], np.int64)


@dataclass(frozen=True)
class Classes:
    """The label number of each class of a fitted estimator, and the column of each label number."""

    numbers: Mapping[Any, int]
    columns: list[int]

    def labels(self, predicted: Any) -> list[int]:
        """Return the label numbers of predicted classes: (n), or (n, 1) as of CatBoost."""
        return [self.numbers[value] for value in np.asarray(predicted).ravel().tolist()]

    def in_label_order(self, probabilities: Any) -> Any:
        """Return probabilities (n, k) as an array with one column per label number.

        Raises ArtifactError for NaN and infinity, which JSON does not have.
        """
        rows = np.asarray(probabilities)  # a user's classifier may return a list or a data frame
        if not np.isfinite(rows).all():
            raise ArtifactError(
                "the classifier returns a probability that is not a finite number. Train it again "
                "with less extreme hyperparameters."
            )
        ordered = self.columns == list(range(len(self.columns)))
        return rows if ordered else rows[:, self.columns]


@dataclass(frozen=True)
class Classifier:
    """A fitted estimator, the names of its labels by number, and its training posts, if saved."""

    estimator: Any
    label_names: tuple[str, ...]
    posts: Posts | None = None

    @cached_property
    def classes(self) -> Classes:
        """The estimator's classes; raises ArtifactError if they are not the labels."""
        return match_classes(self.estimator, self.label_names)


@dataclass(frozen=True)
class Recommender:
    """A trained model: texts to features, and features to labels."""

    transformers: Any
    classifier: Classifier


def load_recommender(folder: str | Path) -> Recommender:
    """Load the model of an artifact folder after checking the manifest."""
    folder = Path(folder)
    manifest = artifacts.load_manifest(folder)
    transformers = artifacts.load_object(folder, manifest, artifacts.PREPROCESS)
    return Recommender(transformers, load_classifier(folder, manifest))


def load_classifier(folder: Path, manifest: artifacts.Manifest) -> Classifier:
    """Load the part of a model from features to labels, which the second container serves."""
    estimator = artifacts.load_object(folder, manifest, artifacts.MODEL)
    match_classes(estimator, manifest.label_names)
    return Classifier(estimator, manifest.label_names, load_posts(folder, manifest))


def match_classes(estimator: Any, label_names: Sequence[str]) -> Classes:
    """Return which class is which label: by number (0, 1, ...; False and True), or by name.

    Raises ArtifactError if the classes are neither all numbers nor all names of the labels. An
    estimator without `classes_` has the label numbers in their order.
    """
    count = len(label_names)
    classes = getattr(estimator, "classes_", range(count))
    values = [value for each in classes for value in np.asarray(each).ravel().tolist()]
    by_name = all(isinstance(value, str) for value in values)
    numbers = {name if by_name else number: number for number, name in enumerate(label_names)}
    if len(values) != count or set(values) != set(numbers):
        texts = [str(value) for value in values]
        named = any(isinstance(value, str) for value in values)  # a name may be a text
        actual = (name_list(texts) if named else ", ".join(texts[:_SHOWN])) or "none"
        raise ArtifactError(
            f"the classes of {type(estimator).__name__} are {len(values)}: {actual}; expected the "
            f"numbers 0 to {count - 1}, or the {count} label names of the manifest. Fit it on "
            "labels of one of these kinds."
        )
    places = {numbers[value]: column for column, value in enumerate(values)}
    return Classes(numbers, [places[number] for number in range(count)])


def predict(
    recommender: Recommender, texts: Sequence[str], top: int | None = None
) -> list[list[Ranked]]:
    """Return the `top` most likely labels of each text, most likely first; by default up to 3."""
    features = feature_matrix(recommender.transformers.transform(_checked(texts)))
    classifier = recommender.classifier
    rows = classifier.classes.in_label_order(classifier.estimator.predict_proba(features))
    names = classifier.label_names
    count = min(3, len(names)) if top is None else top
    return [likeliest(dict(zip(names, row, strict=True)), count) for row in rows.tolist()]


def neighbors(
    recommender: Recommender, texts: Sequence[str], count: int = 5
) -> list[list[Neighbor]]:
    """Return the `count` nearest posts of the train channel for each text, nearest first."""
    features = feature_matrix(recommender.transformers.transform(_checked(texts)))
    return nearest(recommender.classifier, features, count)


def _checked(texts: Sequence[str]) -> list[str]:
    """Return texts as a list; raise RequestError for anything else, such as a single text."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise RequestError(f"texts has the type {type(texts).__name__}; expected a list of texts")
    checked = list(texts)
    if not checked:
        raise RequestError("texts is empty; expected a list of one or more texts")
    for place, text in enumerate(checked):
        if not isinstance(text, str):
            raise RequestError(f"texts[{place}] has the type {type(text).__name__}; expected str")
    return checked


def likeliest(probabilities: Mapping[str, float], top: int) -> list[Ranked]:
    """Return the `top` most likely labels; raise RequestError if the model has fewer labels."""
    if not 1 <= top <= len(probabilities):
        raise RequestError(f"top is {top}; expected 1 to {len(probabilities)} labels")
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])[:top]
    return [Ranked(label, probability) for label, probability in ranked]


def nearest(
    classifier: Classifier, features: Any, count: int, max_bytes: int | None = None
) -> list[list[Neighbor]]:
    """Return the nearest posts of rows of features; raise RequestError if the model has no posts.

    Raises PayloadTooLarge if they would have more than `max_bytes` as JSON, before putting them
    together: a thousand posts for each of a thousand texts are gigabytes.
    """
    posts = classifier.posts
    if posts is None:
        raise RequestError(
            "this model has no posts for neighbors; use a recipe such as subreddits-neighbors"
        )
    if not 1 <= count <= len(posts.texts):
        raise RequestError(
            f"neighbors is {count}; expected 1 to {len(posts.texts)}, the number of posts"
        )
    size = features.shape[0] * count * _MIN_BYTES
    _check_size(size, max_bytes)
    distances, numbers = classifier.estimator.kneighbors(features, n_neighbors=count)
    _check_size(size + int(posts.lengths[numbers].sum()), max_bytes)
    return [
        [
            Neighbor(classifier.label_names[posts.labels[n]], distance, posts.texts[n])
            for distance, n in zip(*row, strict=True)
        ]
        for row in zip(distances.tolist(), numbers.tolist(), strict=True)
    ]


def _check_size(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise PayloadTooLarge(
            f"the nearest posts have at least {size} bytes; a container can return {limit}. Send "
            "fewer texts per request, or request fewer neighbors."
        )


def write_posts(texts: Sequence[str], labels: Sequence[int]) -> bytes:
    """Return the bytes of a file of posts; equal posts give equal bytes."""
    content = json.dumps({"texts": list(texts), "labels": list(labels)}, separators=(",", ":"))
    return gzip.compress(content.encode(), mtime=0)


def load_posts(folder: Path, manifest: artifacts.Manifest) -> Posts | None:
    """Return the posts of an artifact folder whose manifest was checked, or None if it has none."""
    if artifacts.POSTS not in manifest.files:
        return None
    content = json.loads(gzip.decompress((folder / artifacts.POSTS).read_bytes()))
    return Posts(tuple(content["texts"]), tuple(content["labels"]))

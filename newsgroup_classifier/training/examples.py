"""The examples of a channel, texts or images, as inputs of a network, and batches of them.

Rows of n-grams are as long as their texts. Padded to the longest of all, they would not fit into
memory, so they are stored end to end and padded per batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.channels import images, texts
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.text.encoders import Encoder
from newsgroup_classifier.training.checkpoints import digest

_ENCODING_BATCH = 1000
Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class EvenRows:
    """Rows of the same length in one array (n, ...), and the data type of the network's input."""

    name: str
    values: np.ndarray
    dtype: str

    def __len__(self) -> int:
        """Return n."""
        return len(self.values)

    @property
    def empty(self) -> int:
        """The number of rows that have only zeros."""
        return int((~self.values.any(axis=tuple(range(1, self.values.ndim)))).sum())

    def take(self, numbers: np.ndarray) -> Batch:
        """Return the rows with these numbers, as an array by the name of the input."""
        return {self.name: self.values[numbers].astype(self.dtype)}


@dataclass(frozen=True)
class WeightedRows:
    """Token ids and their weights, end to end; row i is from `starts[i]` to `starts[i + 1]`."""

    tokens: np.ndarray
    weights: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        """Return n."""
        return len(self.starts) - 1

    @property
    def empty(self) -> int:
        """The number of rows without a token."""
        return int((np.diff(self.starts) == 0).sum())

    def take(self, numbers: np.ndarray) -> Batch:
        """Return the rows with these numbers, padded at the end to the longest of them."""
        starts, lengths = self.starts[numbers], np.diff(self.starts)[numbers]
        width = max(1, int(lengths.max(initial=0)))
        inside = np.arange(width) < lengths[:, None]
        indices = (starts[:, None] + np.arange(width))[inside]
        tokens = np.zeros(inside.shape, dtype="int32")
        weights = np.zeros(inside.shape, dtype="float32")
        tokens[inside], weights[inside] = self.tokens[indices], self.weights[indices]
        return {"tokens": tokens, "weights": weights}


Rows = EvenRows | WeightedRows


@dataclass(frozen=True)
class Labeled:
    """Rows and their labels."""

    rows: Rows
    labels: np.ndarray


def image_rows(images: np.ndarray) -> Rows:
    """Return images, uint8 (n, 28, 28), as rows."""
    return EvenRows("pixels", images, "float32")


def encoded_rows(encoder: Any, texts: Sequence[str]) -> Rows:
    """Return texts as the rows of a fitted encoder."""
    batches = (
        encoder.transform(texts[start : start + _ENCODING_BATCH])
        for start in range(0, len(texts), _ENCODING_BATCH)
    )
    # Padding is removed batch by batch, because all padded rows together may be very large.
    parts = [_unpadded(batch) for batch in batches]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if "weights" not in joined:
        return EvenRows("tokens", joined["tokens"], "int32")
    starts = np.concatenate([[0], np.cumsum(joined["lengths"])])
    return WeightedRows(joined["tokens"], joined["weights"], starts)


def _unpadded(batch: Batch) -> Batch:
    """Return weighted rows end to end with their lengths, and other rows unchanged."""
    if "weights" not in batch:
        return batch
    inside = batch["tokens"] != 0
    return {name: array[inside] for name, array in batch.items()} | {"lengths": inside.sum(axis=1)}


def batches(rows: Rows, size: int) -> Iterator[Batch]:
    """Yield all rows in their order, in batches of `size` rows."""
    for start in range(0, len(rows), size):
        yield rows.take(np.arange(start, min(start + size, len(rows))))


@dataclass(frozen=True)
class Examples:
    """n texts or n images (uint8, n x 28 x 28), their labels, and the names of all labels.

    `groups` (n, or empty) are the names of the groups to which the texts belong.
    """

    labels: np.ndarray
    label_names: tuple[str, ...]
    texts: Sequence[str] = ()
    images: np.ndarray | None = None
    groups: Sequence[str] = ()

    def __len__(self) -> int:
        """Return n."""
        return len(self.labels)

    def select(self, numbers: np.ndarray) -> "Examples":
        """Return the examples with these numbers."""
        return Examples(
            self.labels[numbers],
            self.label_names,
            [self.texts[number] for number in numbers] if self.texts else (),
            None if self.images is None else self.images[numbers],
            [self.groups[number] for number in numbers] if self.groups else (),
        )

    def rows(self, encoder: Encoder | None) -> Rows:
        """Return the inputs of a network; texts need a fitted encoder."""
        if self.images is not None:
            return image_rows(self.images)
        if encoder is None:
            raise TypeError("texts need an encoder")
        return encoded_rows(encoder, self.texts)

    def digest(self) -> str:
        """Return a sha256 of the examples."""
        pixels = np.zeros(0) if self.images is None else self.images
        return digest(self.labels, self.label_names, self.texts, self.groups, pixels)


def read_examples(recipe: Recipe, train: Path, test: Path) -> tuple[Examples, Examples]:
    """Read both channels of a recipe; raise DataError if they are not valid for training."""
    if recipe.inputs == "images":
        pixels = images.read_image_channel(train / images.TRAIN_FILE)
        test_pixels = images.read_image_channel(test / images.TEST_FILE)
        texts.check_channels(pixels, test_pixels)
        return _of_images(pixels), _of_images(test_pixels)
    posts = texts.read_channel(texts.channel_file(train, texts.TRAIN_FILE))
    test_posts = texts.read_channel(texts.channel_file(test, texts.TEST_FILE))
    texts.check_channels(posts, test_posts)
    return _of_texts(posts), _of_texts(test_posts)


def read_channel_file(folder: Path, name: str) -> Examples:
    """Read one file of a channel folder; raise DataError if it is missing or invalid."""
    if name in (images.TRAIN_FILE, images.TEST_FILE):
        return _of_images(images.read_image_channel(folder / name))
    return _of_texts(texts.read_channel(texts.channel_file(folder, name)))


def _of_images(data: images.ImageChannel) -> Examples:
    return Examples(np.array(data.labels, "int64"), data.label_names, images=data.images)


def _of_texts(data: texts.Channel) -> Examples:
    labels = np.array(data.labels, "int64")
    return Examples(labels, data.label_names, data.texts, groups=data.subjects)

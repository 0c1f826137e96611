"""The examples of a channel, texts or images, for training a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from newsgroup_classifier.channels import images, texts
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.text.encoders import Encoder
from newsgroup_classifier.training.checkpoints import digest
from newsgroup_classifier.training.rows import Rows, encoded_rows, image_rows


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

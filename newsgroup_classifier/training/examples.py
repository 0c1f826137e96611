"""The examples of a channel, texts or images alike, as a network's training looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from newsgroup_classifier.channels import images as image_channels
from newsgroup_classifier.channels import texts as text_channels
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.text.encoders import Encoder
from newsgroup_classifier.training.checkpoints import digest
from newsgroup_classifier.training.rows import Rows, encoded_rows, image_rows


@dataclass(frozen=True)
class Examples:
    """n texts, or n images (uint8, n x 28 x 28), their labels, and the names of all labels.

    `groups` (n) says which texts belong together; without any there are none.
    """

    labels: np.ndarray
    label_names: tuple[str, ...]
    texts: Sequence[str] = ()
    images: np.ndarray | None = None
    groups: Sequence[str] = ()

    def __len__(self) -> int:
        """Return n."""
        return len(self.labels)

    def chosen(self, numbers: np.ndarray) -> "Examples":
        """Return the examples of some numbers."""
        return Examples(
            self.labels[numbers],
            self.label_names,
            [self.texts[number] for number in numbers] if self.texts else (),
            None if self.images is None else self.images[numbers],
            [self.groups[number] for number in numbers] if self.groups else (),
        )

    def rows(self, encoder: Encoder | None) -> Rows:
        """Return the rows of a network's inputs, of texts by a fitted encoder."""
        if self.images is not None:
            return image_rows(self.images)
        if encoder is None:
            raise TypeError("texts need an encoder")
        return encoded_rows(encoder, self.texts)

    def digest(self) -> str:
        """Return a sha256 of all there is of the examples."""
        images = np.zeros(0) if self.images is None else self.images
        return digest(self.labels, self.label_names, self.texts, self.groups, images)


def read_examples(recipe: Recipe, train: Path, test: Path) -> tuple[Examples, Examples]:
    """Read the two channels of a recipe; raise DataError unless one can be trained on them."""
    if recipe.inputs == "images":
        pictures = [
            image_channels.read_image_channel(train / image_channels.TRAIN_FILE),
            image_channels.read_image_channel(test / image_channels.TEST_FILE),
        ]
        text_channels.check_channels(*pictures)
        found = [
            Examples(np.array(one.labels, "int64"), one.label_names, images=one.images)
            for one in pictures
        ]
    else:
        texts = [
            text_channels.read_channel(text_channels.channel_file(train, text_channels.TRAIN_FILE)),
            text_channels.read_channel(text_channels.channel_file(test, text_channels.TEST_FILE)),
        ]
        text_channels.check_channels(*texts)
        found = [
            Examples(np.array(one.labels, "int64"), one.label_names, one.texts, groups=one.subjects)
            for one in texts
        ]
    return found[0], found[1]

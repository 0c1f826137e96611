"""Generated images in the form of the real ones; see `generated_texts`.

Each class is a figure of straight strokes. Every image moves, scales, and distorts it a little and
draws it with a different stroke width, so that there is something for a network to learn.
"""

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.channels.images import SIDE, ImageChannel, ImageDataset
from newsgroup_classifier.datasets import GENERATED

_TRAIN_IMAGES, _TEST_IMAGES = 40, 10  # per class
_MARGIN = 5.0  # pixels around a figure
Strokes = NDArray[np.float64]  # strokes x 2 ends x (across, down), in a square of side 1


def generate_images(
    figures: list[Strokes], names: tuple[str, ...], rng: np.random.Generator
) -> ImageDataset:
    """Return images of the figures, one figure per class."""
    channels = []
    for count in (_TRAIN_IMAGES, _TEST_IMAGES):
        labels = np.repeat(np.arange(len(figures)), count)
        rng.shuffle(labels)
        images = np.stack([_draw(figures[label], rng) for label in labels])
        channels.append(ImageChannel(images, labels.tolist(), names))
    return ImageDataset(channels[0], channels[1], GENERATED)


def _draw(strokes: Strokes, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an image of a figure: pixels near one of its strokes are bright."""
    size = (SIDE - 2 * _MARGIN) * rng.uniform(0.8, 1.1, size=2)
    ends = _MARGIN + strokes * size + rng.uniform(-2, 2, size=2) + rng.normal(0, 0.5, strokes.shape)
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    pixels = np.stack([across, down], axis=-1)[:, :, None, :]
    start, direction = ends[:, 0], ends[:, 1] - ends[:, 0]
    along = ((pixels - start) * direction).sum(-1) / np.maximum(
        (direction * direction).sum(-1), 1e-9
    )
    nearest = start + np.clip(along, 0, 1)[..., None] * direction
    distance = np.sqrt(((pixels - nearest) ** 2).sum(-1)).min(-1)
    bright = 255 * np.clip(rng.uniform(1.2, 2.2) - distance, 0, 1)
    noise = rng.integers(0, 20, bright.shape) * (bright > 0)
    return np.asarray(np.clip(bright - noise, 0, 255), dtype=np.uint8)

"""Generated images of figures, one figure of straight strokes per class; see `sample`.

Each image moves, stretches, and shakes the figure a little and varies the width of its strokes, so
that a network has something to learn and can learn it.
"""

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.channels.images import SIDE, ImageChannel, ImageDataset
from newsgroup_classifier.datasets import GENERATED

_TRAIN_IMAGES, _TEST_IMAGES = 40, 10  # a class
_ROOM = 5.0  # pixels around a figure
Strokes = NDArray[np.float64]  # strokes x 2 ends x (across, down)


def generate_images(
    figures: list[Strokes], names: tuple[str, ...], rng: np.random.Generator
) -> ImageDataset:
    """Return both channels of generated images, one figure per class."""
    channels = []
    for count in (_TRAIN_IMAGES, _TEST_IMAGES):
        labels = np.repeat(np.arange(len(figures)), count)
        rng.shuffle(labels)
        images = np.stack([_draw(figures[label], rng) for label in labels])
        channels.append(ImageChannel(images, labels.tolist(), names))
    return ImageDataset(channels[0], channels[1], GENERATED)


def _draw(strokes: Strokes, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an image of a figure: bright where a pixel is near one of its strokes."""
    size = (SIDE - 2 * _ROOM) * rng.uniform(0.8, 1.1, size=2)
    ends = _ROOM + strokes * size + rng.uniform(-2, 2, size=2) + rng.normal(0, 0.5, strokes.shape)
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    pixels = np.stack([across, down], axis=-1)[:, :, None, :]
    start, way = ends[:, 0], ends[:, 1] - ends[:, 0]
    along = ((pixels - start) * way).sum(-1) / np.maximum((way * way).sum(-1), 1e-9)
    nearest = start + np.clip(along, 0, 1)[..., None] * way
    distance = np.sqrt(((pixels - nearest) ** 2).sum(-1)).min(-1)
    bright = 255 * np.clip(rng.uniform(1.2, 2.2) - distance, 0, 1)
    noise = rng.integers(0, 20, bright.shape) * (bright > 0)
    return np.asarray(np.clip(bright - noise, 0, 255), dtype=np.uint8)

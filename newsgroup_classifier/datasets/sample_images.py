"""Small generated images in the form of the real ones; see `sample`.

A class is a figure of straight strokes. Each image has it moved, stretched and shaken a little, in
strokes of another width, so that a network has something to learn and can learn it.
"""

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.channels.images import SIDE, ImageChannel, ImageDataset
from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.datasets.mnist import LABEL_NAMES

_TRAIN_IMAGES, _TEST_IMAGES = 40, 10  # a class
# The ends of the seven strokes of a digital clock, in a square of side 1, and those of each digit.
_CLOCK = {
    "top": ((0.2, 0.0), (0.8, 0.0)),
    "upper left": ((0.2, 0.0), (0.2, 0.5)),
    "upper right": ((0.8, 0.0), (0.8, 0.5)),
    "middle": ((0.2, 0.5), (0.8, 0.5)),
    "lower left": ((0.2, 0.5), (0.2, 1.0)),
    "lower right": ((0.8, 0.5), (0.8, 1.0)),
    "bottom": ((0.2, 1.0), (0.8, 1.0)),
}
_MISSING = (
    ("middle",),
    ("top", "upper left", "middle", "lower left", "bottom"),
    ("upper left", "lower right"),
    ("upper left", "lower left"),
    ("top", "lower left", "bottom"),
    ("upper right", "lower left"),
    ("upper right",),
    ("upper left", "middle", "lower left", "bottom"),
    (),
    ("lower left",),
)
_SKETCHES = (
    "airplane",
    "banana",
    "bird",
    "book",
    "cat",
    "clock",
    "dog",
    "flower",
    "house",
    "rainbow",
)
_CORNERS = 6  # of a sketch
_ROOM = 5.0  # pixels around a figure
Strokes = NDArray[np.float64]  # strokes x 2 ends x (across, down)


def generate_digits(seed: int = 0) -> ImageDataset:
    """Return generated digits; the same seed gives the same images."""
    figures = [
        np.array([ends for name, ends in _CLOCK.items() if name not in missing])
        for missing in _MISSING
    ]
    return _dataset(figures, LABEL_NAMES, np.random.default_rng(seed))


def generate_sketches(seed: int = 0) -> ImageDataset:
    """Return generated sketches: each class is one line with random corners."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(size=(len(_SKETCHES), _CORNERS, 2))
    figures = [np.stack([line[:-1], line[1:]], axis=1) for line in corners]
    return _dataset(figures, _SKETCHES, rng)


def _dataset(
    figures: list[Strokes], names: tuple[str, ...], rng: np.random.Generator
) -> ImageDataset:
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

"""Quick, Draw!: sketches of ten things, each drawn in 20 seconds, as 28 x 28 grayscale pixels.

A sample of Google's data set in one .npz file: arr_0 has the pixels (n x 784), arr_1 the labels,
and the optional class_names their names. A fifth of each class becomes the test channel.
"""

from pathlib import Path

import numpy as np

from newsgroup_classifier.channels.images import (
    SIDE,
    ImageChannel,
    ImageDataset,
    make_channel,
    read_arrays,
)
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.datasets.generated_images import generate_images
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.splits import MIN_ROWS, draw_rows
from newsgroup_classifier.errors import DataError

SKETCHES = PublishedFile(
    folder="quickdraw",
    names=("quickdraw10.npz",),
    url="https://github.com/skhabiri/ML-ANN/raw/main/data/quickdraw10.npz",
)
# The class names of that file, which does not contain them, in the order of their labels.
CLASSES = (
    "apple",
    "anvil",
    "airplane",
    "banana",
    "The Eiffel Tower",
    "The Mona Lisa",
    "The Great Wall of China",
    "alarm clock",
    "ant",
    "asparagus",
)
_CORNERS = 6  # of a generated sketch


def load_quickdraw(data_dir: Path | None = None) -> ImageDataset:
    """Return the sketches in the order of the file."""
    path = locate(SKETCHES, data_dir)

    def invalid(reason: str) -> DataError:
        return DataError(
            f"{path} is not the Quick, Draw! file: {reason}. Delete it and download {SKETCHES.url} "
            "again."
        )

    arrays = read_arrays(path, ("arr_0", "arr_1"), invalid, optional=("class_names",))
    pixels = arrays["arr_0"]
    if pixels.shape[1:] == (SIDE * SIDE,):
        pixels = pixels.reshape(-1, SIDE, SIDE)
    names = arrays.get("class_names", np.array(CLASSES))
    whole = make_channel(pixels, arrays["arr_1"], names, invalid)
    counts = np.bincount(whole.labels, minlength=len(names)).tolist()
    for name, count in zip(whole.label_names, counts, strict=True):
        if count < MIN_ROWS:
            raise invalid(f"it has {count} sketches of {name}; expected {MIN_ROWS} or more")
    labels = np.array(whole.labels)
    tested = np.isin(np.arange(len(labels)), list(draw_rows(whole.labels)))
    train, test = (
        ImageChannel(whole.images[part], labels[part].tolist(), whole.label_names)
        for part in (~tested, tested)
    )
    return ImageDataset(train, test, "Quick, Draw! (10 classes)")


def generate_sketches(seed: int = 0) -> ImageDataset:
    """Return generated sketches: each class is one line with random corners."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(size=(len(CLASSES), _CORNERS, 2))
    figures = [np.stack([line[:-1], line[1:]], axis=1) for line in corners]
    return generate_images(figures, CLASSES, rng)


DATASET = DatasetLoader("quickdraw", load_quickdraw, generate_sketches)

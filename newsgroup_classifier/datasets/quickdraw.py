"""Quick, Draw!: sketches of ten things, drawn in 20 seconds, as 28 x 28 grey pixels.

A sample of Google's data set in one .npz file: arr_0 has the pixels (n x 784), arr_1 the labels,
and class_names, if it is there, their names. A fifth of each class is the test channel.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.channels.images import (
    SIDE,
    ImageChannel,
    ImageDataset,
)
from newsgroup_classifier.channels.npz_arrays import read_arrays
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.datasets.sample_images import generate_images
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.splits import draw_rows
from newsgroup_classifier.errors import DataError, DataErrorFactory

SKETCHES = PublishedFile(
    folder="quickdraw",
    name="quickdraw10.npz",
    url="https://github.com/skhabiri/ML-ANN/raw/main/data/quickdraw10.npz",
    sha256=None,
)
# The classes of that file, which does not name them, by the number of their label.
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
_SAMPLE_CLASSES = (
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
_SAMPLE_CORNERS = 6  # of a generated sketch
_LEAST = 3  # sketches of a class, of which one is to test with


def load_quickdraw(data_dir: Path | None = None) -> ImageDataset:
    """Return the sketches, in the order of the file."""
    path = locate(SKETCHES, data_dir)

    def broken(reason: str) -> DataError:
        return DataError(
            f"{path} is not the file of sketches: {reason}. Delete it and fetch {SKETCHES.url} "
            "again."
        )

    arrays = read_arrays(path, ("arr_0", "arr_1"), broken, optional=("class_names",))
    names = _names(arrays["class_names"], broken) if "class_names" in arrays else CLASSES
    images, numbers = _images(arrays["arr_0"], broken), _labels(arrays["arr_1"], names, broken)
    if len(images) != len(numbers):
        raise broken(f"it has {len(images)} images and {len(numbers)} labels; expected one each")
    drawn = draw_rows(numbers)
    tested = np.isin(np.arange(len(numbers)), list(drawn))
    train, test = (
        ImageChannel(images[part], np.array(numbers)[part].tolist(), names)
        for part in (~tested, tested)
    )
    return ImageDataset(train, test, "Quick, Draw! (10 classes)")


def _names(names: NDArray[Any], broken: DataErrorFactory) -> tuple[str, ...]:
    found = tuple(str(name) for name in names.ravel())
    if names.dtype.kind != "U" or names.ndim != 1 or len(set(found)) < max(2, len(found)):
        raise broken(
            f"class_names is {names.dtype} {names.shape}; expected two or more different texts"
        )
    return found


def _images(pixels: NDArray[Any], broken: DataErrorFactory) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != SIDE * SIDE:
        raise broken(f"arr_0 is {pixels.dtype} {pixels.shape}; expected uint8 (n, {SIDE * SIDE})")
    return pixels.reshape(-1, SIDE, SIDE)


def _labels(labels: NDArray[Any], names: tuple[str, ...], broken: DataErrorFactory) -> list[int]:
    """Return the labels; raise what is wrong unless each class has enough of them."""
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise broken(f"arr_1 is {labels.dtype} {labels.shape}; expected whole numbers (n,)")
    numbers: list[int] = labels.tolist()
    for number, label in enumerate(numbers, start=1):
        if not 0 <= label < len(names):
            raise broken(f"the label of row {number} is {label}; expected 0 to {len(names) - 1}")
    for label, name in enumerate(names):
        count = numbers.count(label)
        if count < _LEAST:
            raise broken(f"it has {count} sketches of {name}; expected {_LEAST} or more")
    return numbers


def generate_sketches(seed: int = 0) -> ImageDataset:
    """Return generated sketches: each class is one line with random corners."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(size=(len(_SAMPLE_CLASSES), _SAMPLE_CORNERS, 2))
    figures = [np.stack([line[:-1], line[1:]], axis=1) for line in corners]
    return generate_images(figures, _SAMPLE_CLASSES, rng)


DATASET = DatasetLoader("quickdraw", load_quickdraw, generate_sketches)

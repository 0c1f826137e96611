"""Quick, Draw!: sketches of ten things, each drawn in 20 seconds, as 28 x 28 grayscale pixels.

A sample of Google's data set in one .npz file: arr_0 has the pixels (n x 784), arr_1 the labels,
and the optional class_names their names. A fifth of each class becomes the test channel.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.channels.images import SIDE, ImageChannel, ImageDataset, read_arrays
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.datasets.generated_images import generate_images
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.splits import MIN_ROWS, draw_rows
from newsgroup_classifier.errors import DataError, DataErrorFactory

SKETCHES = PublishedFile(
    folder="quickdraw",
    name="quickdraw10.npz",
    url="https://github.com/skhabiri/ML-ANN/raw/main/data/quickdraw10.npz",
    sha256=None,
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
    names = _names(arrays["class_names"], invalid) if "class_names" in arrays else CLASSES
    images, labels = _images(arrays["arr_0"], invalid), _labels(arrays["arr_1"], names, invalid)
    if len(images) != len(labels):
        raise invalid(f"it has {len(images)} images and {len(labels)} labels; expected one each")
    tested = np.isin(np.arange(len(labels)), list(draw_rows(labels)))
    train, test = (
        ImageChannel(images[part], np.array(labels)[part].tolist(), names)
        for part in (~tested, tested)
    )
    return ImageDataset(train, test, "Quick, Draw! (10 classes)")


def generate_sketches(seed: int = 0) -> ImageDataset:
    """Return generated sketches: each class is one line with random corners."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(size=(len(CLASSES), _CORNERS, 2))
    figures = [np.stack([line[:-1], line[1:]], axis=1) for line in corners]
    return generate_images(figures, CLASSES, rng)


def _names(array: NDArray[Any], invalid: DataErrorFactory) -> tuple[str, ...]:
    names = tuple(str(name) for name in array.ravel())
    if array.dtype.kind != "U" or array.ndim != 1 or len(set(names)) < max(2, len(names)):
        raise invalid(
            f"class_names is {array.dtype} {array.shape}; expected two or more different strings"
        )
    return names


def _images(pixels: NDArray[Any], invalid: DataErrorFactory) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != SIDE * SIDE:
        raise invalid(f"arr_0 is {pixels.dtype} {pixels.shape}; expected uint8 (n, {SIDE * SIDE})")
    return pixels.reshape(-1, SIDE, SIDE)


def _labels(array: NDArray[Any], names: tuple[str, ...], invalid: DataErrorFactory) -> list[int]:
    """Return the labels; raise an error unless each class has enough of them."""
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise invalid(f"arr_1 is {array.dtype} {array.shape}; expected integers (n,)")
    labels: list[int] = array.tolist()
    for number, label in enumerate(labels, start=1):
        if not 0 <= label < len(names):
            raise invalid(f"the label of row {number} is {label}; expected 0 to {len(names) - 1}")
    for label, name in enumerate(names):
        count = labels.count(label)
        if count < MIN_ROWS:
            raise invalid(f"it has {count} sketches of {name}; expected {MIN_ROWS} or more")
    return labels


DATASET = DatasetLoader("quickdraw", load_quickdraw, generate_sketches)

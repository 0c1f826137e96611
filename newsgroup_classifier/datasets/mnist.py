"""MNIST: 60,000 train and 10,000 test images of handwritten digits, 28 x 28 grayscale pixels.

Published by Yann LeCun, Corinna Cortes, and Christopher Burges as four gzipped IDX files: a header,
and a byte per pixel or label. The checksums are those of the unpacked bytes, so files that were
recompressed are valid.
"""

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np

from newsgroup_classifier.channels.images import SIDE, ImageChannel, ImageDataset
from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.datasets.generated_images import generate_images
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.errors import DataError

LABEL_NAMES = tuple("0123456789")
Part = tuple[tuple[PublishedFile, str], ...]
_IMAGES_HEADER, _LABELS_HEADER = 16, 8  # bytes
_ADDRESS = "https://storage.googleapis.com/cvdf-datasets/mnist/"


def _file(name: str, sha256: str, unpacked_sha256: str) -> tuple[PublishedFile, str]:
    return PublishedFile("mnist", (name,), "", _ADDRESS + name, sha256), unpacked_sha256


# Images and labels of each part: the published file and the sha256 of its unpacked bytes.
TRAIN: Part = (
    _file(
        "train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    _file(
        "train-labels-idx1-ubyte.gz",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
)
TEST: Part = (
    _file(
        "t10k-images-idx3-ubyte.gz",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    _file(
        "t10k-labels-idx1-ubyte.gz",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

# The ends of the seven strokes of a digital clock, and the strokes that each digit lacks.
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


def load_mnist(data_dir: Path | None = None) -> ImageDataset:
    """Return both parts in the published order."""
    train, test = (read_part(part, data_dir) for part in (TRAIN, TEST))
    return ImageDataset(train, test, "MNIST")


def read_part(part: Part, data_dir: Path | None = None) -> ImageChannel:
    """Return the images and labels of a part; raise DataError unless they match the checksums."""
    images, labels = (_read(file, sha256, data_dir) for file, sha256 in part)
    pixels = np.frombuffer(images, np.uint8, offset=_IMAGES_HEADER).reshape(-1, SIDE, SIDE)
    return ImageChannel(pixels, list(labels[_LABELS_HEADER:]), LABEL_NAMES)


def _read(file: PublishedFile, sha256: str, data_dir: Path | None) -> bytes:
    path = locate(file, data_dir)
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise _invalid(path, f"it is not a complete gzip file ({error})") from error
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise _invalid(path, f"its unpacked bytes have the sha256 {actual}; expected {sha256}")
    return content


def _invalid(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} is not the MNIST file: {reason}. Delete it and download {_ADDRESS}{path.name} "
        "again."
    )


def generate_digits(seed: int = 0) -> ImageDataset:
    """Return generated digits; the same seed gives the same images."""
    figures = [
        np.array([ends for stroke, ends in _CLOCK.items() if stroke not in missing])
        for missing in _MISSING
    ]
    return generate_images(figures, LABEL_NAMES, np.random.default_rng(seed))


DATASET = DatasetLoader("mnist", load_mnist, generate_digits)

"""Image channels: .npz files of 28 x 28 grayscale images, their labels, and the label names.

The arrays are images (uint8, n x 28 x 28), labels (integers, n), and label_names (strings). Files
are read without pickle; arrays of objects are rejected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.errors import DataError, DataErrorFactory, name_list

SIDE = 28  # pixels
TRAIN_FILE, TEST_FILE = "train.npz", "test.npz"
ARRAYS = ("images", "labels", "label_names")
LARGEST = 2**31  # bytes of an array: two and a half million images


@dataclass(frozen=True, eq=False)
class ImageChannel:
    """The examples of one channel: images (uint8, n x 28 x 28), n labels, and all label names."""

    images: NDArray[np.uint8]
    labels: list[int]
    label_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """The train and test channels of an image data set, and its source."""

    train: ImageChannel
    test: ImageChannel
    source: str


def write_image_channel(channel: ImageChannel, path: Path) -> None:
    """Write a channel file, complete or not at all; equal channels give equal bytes."""
    with atomic_write(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            images=channel.images,
            labels=np.array(channel.labels, dtype=np.int64),
            label_names=np.array(channel.label_names, dtype=np.str_),
        )


def read_image_channel(path: Path) -> ImageChannel:
    """Read a channel file; raise DataError if it is missing or invalid."""
    if not path.is_file():
        raise DataError(f"{path.name} is missing in the channel folder {path.parent}.")

    def invalid(reason: str) -> DataError:
        return DataError(f"{path.name}: {reason}.")

    arrays = read_arrays(path, ARRAYS, invalid)
    images, labels, names = (arrays[name] for name in ARRAYS)
    return make_channel(images, labels, names, invalid)


def make_channel(
    images: NDArray[Any], labels: NDArray[Any], label_names: NDArray[Any], invalid: DataErrorFactory
) -> ImageChannel:
    """Return the channel of the arrays of a file.

    Raises what `invalid` makes of the reason if they are not those of a channel.
    """
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise invalid(f"images is {_form(images)}; expected uint8 (n, {SIDE}, {SIDE})")
    if len(images) == 0:
        raise invalid("it has no images; expected one or more")
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise invalid(
            f"labels is {_form(labels)}; expected integers ({len(images)},), one per image"
        )
    # An empty file can claim any number of empty names, which have no bytes.
    if label_names.dtype.kind != "U" or label_names.ndim != 1 or not label_names.nbytes:
        raise invalid(f"label_names is {_form(label_names)}; expected strings (n,)")
    names = tuple(str(name) for name in label_names)
    if "" in names or len(set(names)) != len(names):
        raise invalid("label_names has an empty or duplicate name")
    wrong = np.flatnonzero((labels < 0) | (labels >= len(names)))
    if len(wrong):
        raise invalid(
            f"the label of image {wrong[0] + 1} is {labels[wrong[0]]}; expected 0 to "
            f"{len(names) - 1}, because there are {len(names)} label names"
        )
    return ImageChannel(images, labels.tolist(), names)


def _form(array: NDArray[Any]) -> str:
    kind = "structured" if array.dtype.names else array.dtype
    return f"{kind} {array.shape}"


def read_arrays(
    path: Path, names: Sequence[str], invalid: DataErrorFactory, optional: Sequence[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return arrays of an untrusted .npz file by name, and the optional ones that it has.

    Raises what `invalid` makes of the reason if the file cannot be used.
    """
    try:
        # Opened here because NumPy does not close files that it finds damaged.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            members = list(file)
            wanted = [name for name in (*names, *optional) if name in members]
            sizes = {name: file.zip.getinfo(f"{name}.npy").file_size for name in wanted}
            large = [f"{name} has {size:,} bytes" for name, size in sizes.items() if size > LARGEST]
            arrays = {} if large else {name: file[name] for name in wanted}
    except Exception as error:  # NumPy parses headers as Python code, and quotes what it reads
        raise invalid(
            f"it is not a complete .npz file without pickles ({type(error).__name__})"
        ) from error
    if large:
        raise invalid(f"its array {large[0]}; expected at most {LARGEST:,}")
    if missing := [name for name in names if name not in arrays]:
        raise invalid(
            f"it has no array {', '.join(missing)}; it has {name_list(members) or 'nothing'}; "
            f"expected {', '.join(names)}"
        )
    return arrays

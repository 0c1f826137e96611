"""A user's images: a folder or zip archive with one subfolder of PNG or JPEG files per class.

Every image becomes gray, as TensorFlow Serving makes a PNG gray, and 28 x 28 pixels. Transparent
parts become white. Nothing is inverted: a dark line stays dark. Only images for models of MNIST and
QuickDraw become drawings as those data sets have them.
"""

import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from newsgroup_classifier.channels.images import SIDE, ImageChannel, ImageDataset
from newsgroup_classifier.datasets.files.opening import IMAGE_ENDINGS, Source, Tree, open_path
from newsgroup_classifier.datasets.files.report import Report, count_classes, with_warnings
from newsgroup_classifier.datasets.files.usual_names import shown, shown_list
from newsgroup_classifier.datasets.splits import draw_test_rows
from newsgroup_classifier.errors import DataError, counted

_FEWEST = 2  # images of a class: one to train on, and one to test with
_LUMA = np.array([9797, 19234, 3737])  # libpng's weights of red, green, and blue, of 32,768
_BAND = 2**20  # pixels whose colors are in memory as numbers at once
_FRAMED = 26  # pixels that a drawing of QuickDraw fills
_FAINT = 40  # of 255: darker pixels are not ink
_BROKEN = (OSError, SyntaxError, ValueError)
# How to make an image upright, by its orientation in EXIF. ImageOps.exif_transpose does the same,
# but also writes the rest of the EXIF again, and fails if a camera wrote it wrongly.
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
Files = Sequence[tuple[str, Source]]
Progress = Callable[[Files], Iterable[tuple[str, Source]]]


@dataclass(frozen=True)
class _Images:
    """Images (uint8, n x 28 x 28), their classes, and the number of files that were no images."""

    pixels: NDArray[np.uint8]
    labels: list[str]
    skipped: int

    def keys(self) -> NDArray[np.uint64]:
        """Return a hash of each image."""
        digests = (blake2b(each.tobytes(), digest_size=8).digest() for each in self.pixels)
        return np.frombuffer(b"".join(digests), dtype=np.uint64)


def read_image_folders(
    path: Path, test: Path | None = None, share: float = 0.2, progress: Progress = iter
) -> tuple[ImageDataset, Report]:
    """Return the images of a folder split into channels, with a report on them.

    Without images to `test` with, a `share` of each class is drawn. `progress` wraps the files
    while they are read.
    """
    images = _read(path, progress)
    names = tuple(sorted(set(images.labels)))
    numbers = {name: number for number, name in enumerate(names)}
    labels = np.array([numbers[label] for label in images.labels])
    keys = images.keys()
    distinct = np.zeros(len(keys), dtype=bool)
    pairs = np.stack([keys, labels.astype(np.uint64)])
    distinct[np.unique(pairs, axis=1, return_index=True)[1]] = True
    _check_classes(path, names, np.bincount(labels[distinct]), test is None)
    drawn = np.zeros(len(keys), dtype=bool)
    if test is None:
        drawn[distinct] = draw_test_rows(labels[distinct], keys[distinct], share)
    train = _channel(images.pixels[distinct & ~drawn], labels[distinct & ~drawn], names)
    tested = _channel(images.pixels[drawn], labels[drawn], names)
    read, skipped = len(keys), images.skipped
    if test is not None:
        others = _read(test, progress)
        unknown = sorted(set(others.labels) - set(names))
        if unknown:
            raise DataError(f"{test} has classes that {path} does not have: {shown_list(unknown)}")
        tested = _channel(others.pixels, [numbers[label] for label in others.labels], names)
        read, skipped = read + len(others.labels), skipped + others.skipped
    counts = (np.bincount(part.labels, minlength=len(names)) for part in (train, tested))
    report: Report = {
        "title": False,
        "grouped": False,
        "form": "folder of images per class",
        "rows": {"read": read + skipped, "train": len(train.labels), "test": len(tested.labels)},
        "dropped": {"duplicate": int((~distinct).sum()), "no_image": skipped},
        "classes": count_classes(numbers, *counts),
    }
    return ImageDataset(train, tested, str(path)), with_warnings(report)


def _channel(
    pixels: NDArray[np.uint8], labels: Iterable[int], names: tuple[str, ...]
) -> ImageChannel:
    return ImageChannel(pixels, [int(label) for label in labels], names)


def _check_classes(
    path: Path, names: Sequence[str], counts: NDArray[np.int64], split: bool
) -> None:
    rare = [name for name, count in zip(names, counts, strict=True) if count < _FEWEST]
    if len(names) < 2:
        raise DataError(f"{path} has only one class, {shown(names[0])}; expected two or more")
    if rare and split:
        raise DataError(
            f"{path} has {counted(len(rare), 'class', 'classes')} with a single image: "
            f"{shown_list(rare)}; expected {_FEWEST} or more, to train and to test with. Add "
            "images, or pass images to test with as --test-file"
        )


def _read(path: Path, progress: Progress) -> _Images:
    """Return the images of a folder or zip archive; raise DataError naming a broken one."""
    opened = open_path(path)
    if not isinstance(opened, Tree):
        raise DataError(
            f"{path} is a file; expected a folder or zip archive with one subfolder of PNG or JPEG "
            "images per class"
        )
    files = opened.by_class()
    images = [each for each in files if each[1].suffix in IMAGE_ENDINGS]
    if not images:
        raise DataError(f"{path} has no PNG or JPEG files in its subfolders")
    pixels = np.stack([_read_pixels(source) for _, source in progress(images)])
    return _Images(pixels, [label for label, _ in images], len(files) - len(images))


def _read_pixels(source: Source) -> NDArray[np.uint8]:
    with source.open() as file:
        return gray_pixels(file.read(), source.name)


def write_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return gray pixels as a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def ink_size(dataset: str) -> int:
    """Return how many of the 28 pixels the ink of a drawing of MNIST or QuickDraw fills."""
    return 20 if dataset == "mnist" else _FRAMED


def drawn_pixels(content: bytes, name: str, size: int) -> NDArray[np.uint8]:
    """Return an image as a drawing of MNIST or QuickDraw: light ink on black, 28 x 28 pixels.

    Dark ink on light paper is inverted. Then the ink of an image of any other size is scaled to
    `size` pixels, with its center of mass in the middle (MNIST) or its frame (QuickDraw). Raise
    DataError like `gray_pixels`.
    """
    pixels = np.asarray(_open(content, name))
    if np.concatenate([pixels[0], pixels[-1]]).mean() > 127:
        pixels = 255 - pixels
    if pixels.shape == (SIDE, SIDE):
        return pixels
    drawing = Image.new("L", (SIDE, SIDE))
    inked = pixels > _FAINT
    if not inked.any():
        return np.asarray(drawing)
    # By sums of rows and columns, since an image may have a hundred million pixels.
    (top, bottom, y), (left, right, x) = (_extent(inked.sum(axis=axis), size) for axis in (1, 0))
    scale = size / max(right - left, bottom - top)
    ink = Image.fromarray(pixels).resize(
        (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))),
        Image.Resampling.LANCZOS,
        (left, top, right, bottom),
    )
    drawing.paste(ink, (round(SIDE / 2 - (x - left) * scale), round(SIDE / 2 - (y - top) * scale)))
    return np.asarray(drawing)


def _extent(ink: NDArray[np.int64], size: int) -> tuple[int, int, float]:
    """Return where ink begins and ends along an axis, and what comes into the middle."""
    (places,) = np.nonzero(ink)
    first, last = int(places[0]), int(places[-1]) + 1
    if size < _FRAMED:
        return first, last, float(ink @ np.arange(len(ink)) / ink.sum()) + 0.5
    return first, last, (first + last) / 2


def gray_pixels(content: bytes, name: str) -> NDArray[np.uint8]:
    """Return a PNG or JPEG file as 28 x 28 gray pixels; raise DataError if it is neither."""
    gray = _open(content, name)
    if gray.size != (SIDE, SIDE):
        gray = gray.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(gray)


def _open(content: bytes, name: str) -> Image.Image:
    strict = warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning)
    try:
        with strict, Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            return _gray(image, name)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DataError(
            f"{name} has more than {Image.MAX_IMAGE_PIXELS:,} pixels; scale it down"
        ) from error
    except _BROKEN as error:
        raise DataError(f"{name} is not a complete PNG or JPEG image; save it again") from error


def _gray(image: Image.Image, name: str) -> Image.Image:
    """Return an image upright, on white, and gray, computed in bands to bound memory."""
    image.load()  # the EXIF of a PNG may follow its pixels
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    image = image if turn is None else image.transpose(turn)
    if image.mode.startswith(("I", "F")):
        raise DataError(f"{name} has more than 8 bits per channel; convert it")
    gray = Image.new("L", image.size)
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        band = image.crop(box)
        if image.has_transparency_data:
            white = Image.new("RGBA", band.size, "white")
            band = Image.alpha_composite(white, band.convert("RGBA"))
        colors = np.asarray(band.convert("RGB"), dtype=np.int64)
        gray.paste(Image.fromarray(((colors @ _LUMA) >> 15).astype(np.uint8)), box)
    return gray

"""Locate the files of a data set: in a data folder, in the cache, or at the publisher."""

import hashlib
import os
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from tqdm import tqdm

from newsgroup_classifier.atomic_files import atomic_write, is_disk_error
from newsgroup_classifier.errors import DataError, DataUnavailable, reason_of

_CHUNK = 1 << 16
_TIMEOUT_SECONDS = 30
_SAMPLE = "or upload a small generated corpus instead (upload-data --generated-sample)."


@dataclass(frozen=True)
class PublishedFile:
    """A file that can be downloaded: its folder in a data folder, its address, and its sha256.

    `other_names` are names under which a data folder may have the same data; they are tried first.
    If `sha256` is None, the publisher gives none, and the reader of the file has to check it.
    """

    folder: str
    name: str
    url: str
    sha256: str | None
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ManualDownload:
    """A file that a person has to get: the names it may have, tried in order, and instructions."""

    folder: str
    names: tuple[str, ...]
    instructions: str


def locate_manual(file: ManualDownload, data_dir: Path | None = None) -> Path:
    """Return the path of a file in the data folder, or in the cache if there is no data folder.

    Raises DataError if the data folder lacks the file, and DataUnavailable if the cache lacks it.
    """
    root = data_folder(data_dir)
    folder = (root or cache_dir()) / file.folder
    if path := _first(folder, file.names):
        return path
    missing = f"{folder} has no {' or '.join(file.names)}. {file.instructions}, and put it there"
    if root is not None:
        raise DataError(f"{missing}.")
    raise DataUnavailable(f"{missing}, {_SAMPLE}")


def data_folder(data_dir: Path | None = None) -> Path | None:
    """Return `data_dir`, or the folder in DATASETS_DIR, or None if neither is set.

    Raises DataError if the folder does not exist.
    """
    variable = os.environ.get("DATASETS_DIR")
    folder = data_dir or (Path(variable) if variable else None)
    if folder is not None and not folder.is_dir():
        option = "--data-dir" if data_dir else "DATASETS_DIR"
        raise DataError(
            f"the folder {folder} in {option} does not exist; expected the folder of the published "
            "files"
        )
    return folder


def locate(file: PublishedFile, data_dir: Path | None = None) -> Path:
    """Return the path of a file in the data folder, or in the cache, after a download if needed.

    The data folder is `data_dir` or DATASETS_DIR. Raises DataError if the data folder lacks the
    file or the download is not the published file, and DataUnavailable if there is neither a data
    folder nor a network.
    """
    root = data_folder(data_dir)
    folder = (root or cache_dir()) / file.folder
    if path := _first(folder, (*file.other_names, file.name)):
        return path
    if root is not None:
        others = f", and so is {' and '.join(file.other_names)}" if file.other_names else ""
        raise DataError(
            f"{file.name} is not in the data folder: {folder / file.name} is missing{others}. Put "
            "the file there, or omit --data-dir and DATASETS_DIR to download it."
        )
    with atomic_write(folder / file.name) as part:
        _fetch(file, part)
    return folder / file.name


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def cache_dir() -> Path:
    """Return the folder of downloaded files: XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "newsgroup-classifier"


def _fetch(file: PublishedFile, part: Path) -> None:
    """Download a file with a progress bar, and check it."""
    digest = hashlib.sha256()
    size = 0
    try:
        # The address is a constant of this library.
        with (
            urllib.request.urlopen(file.url, timeout=_TIMEOUT_SECONDS) as response,  # noqa: S310
            part.open("wb") as out,
            tqdm(
                total=(announced := int(response.headers.get("Content-Length", 0))) or None,
                unit="B", unit_scale=True, desc=file.name, disable=None,
            ) as bar,
        ):  # fmt: skip
            while chunk := response.read(_CHUNK):
                out.write(chunk)
                size += len(chunk)
                digest.update(chunk)
                bar.update(len(chunk))
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it keeps the connection open
        if isinstance(error, OSError) and is_disk_error(error):
            raise
        raise DataUnavailable(
            f"{file.name} is neither in a data folder nor in the cache, and downloading {file.url} "
            f"failed ({reason_of(error)}). Set DATASETS_DIR to a folder with "
            f"{file.folder}/{file.name}, {_SAMPLE}"
        ) from error
    if size < announced:
        raise DataError(
            f"{file.url} returned {size} of {announced} bytes, which were deleted. Try again."
        )
    if file.sha256 is not None and digest.hexdigest() != file.sha256:
        raise DataError(
            f"{file.url} returned a file with the sha256 {digest.hexdigest()}, which was deleted; "
            f"expected {file.sha256}. Try again later."
        )

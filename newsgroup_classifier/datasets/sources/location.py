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
    """A file of a data set: its folder in a data folder, and how to get it.

    `names` are tried in order. A file with a `url` is downloaded under the last of them; another
    one has to be put there by a person, with the `instructions`. If `sha256` is None, the publisher
    gives none, and the reader of the file has to check it.
    """

    folder: str
    names: tuple[str, ...]
    instructions: str = ""
    url: str = ""
    sha256: str | None = None


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
    paths = [folder / name for name in file.names]
    for path in paths:
        if path.is_file():
            return path
    if file.url and root is None:
        with atomic_write(paths[-1]) as part:
            _fetch(file, part)
        return paths[-1]
    how = file.instructions or f"Download {file.url}"
    missing = f"{folder} has no {' or '.join(file.names)}. {how}, and put it there"
    if root is None:
        raise DataUnavailable(f"{missing}, {_SAMPLE}")
    raise DataError(f"{missing}{', or omit --data-dir and DATASETS_DIR' if file.url else ''}.")


def cache_dir() -> Path:
    """Return the folder of downloaded files: XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "newsgroup-classifier"


def _fetch(file: PublishedFile, part: Path) -> None:
    """Download a file with a progress bar, and check it."""
    name, digest, size = file.names[-1], hashlib.sha256(), 0
    try:
        # The address is a constant of this library.
        with (
            urllib.request.urlopen(file.url, timeout=_TIMEOUT_SECONDS) as response,  # noqa: S310
            part.open("wb") as out,
            tqdm(
                total=(announced := int(response.headers.get("Content-Length", 0))) or None,
                unit="B", unit_scale=True, desc=name, disable=None,
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
            f"{name} is neither in a data folder nor in the cache, and downloading {file.url} "
            f"failed ({reason_of(error)}). Set DATASETS_DIR to a folder with "
            f"{file.folder}/{name}, {_SAMPLE}"
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

"""Where the files of a data set are found: a data folder, the cache, the publisher."""

import hashlib
import os
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from tqdm import tqdm

from newsgroup_classifier.errors import DataError, DataUnavailable

_CHUNK = 1 << 16
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class PublishedFile:
    """A file of a data set: its place in a data folder, its address, and its sha256 there.

    The same data may lie there under one of `other_names`, too, which are looked for first. Without
    a sha256 the publisher gives none: whoever reads the file finds out whether it is whole.
    """

    folder: str
    name: str
    url: str
    sha256: str | None
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class HandedOut:
    """A file that no address gives to everybody: the names it may have, and how to come by it.

    The names are looked for in their order.
    """

    folder: str
    names: tuple[str, ...]
    how: str


def locate_handed_out(file: HandedOut, data_dir: Path | None = None) -> Path:
    """Return the path of a file that cannot be downloaded: in the data folder, else in the cache.

    Raises DataError when a data folder is given and lacks it, and DataUnavailable when none is.
    """
    named = data_folder(data_dir)
    folder = (named or cache_dir()) / file.folder
    found = _first(folder, file.names)
    if found is not None:
        return found
    raise (DataUnavailable if named is None else DataError)(
        f"none of {', '.join(file.names)} is in {folder}. {file.how}, and put it there."
    )


def data_folder(data_dir: Path | None = None) -> Path | None:
    """Return the folder of the published files: `data_dir`, or the environment's DATASETS_DIR.

    None stands for neither being given. Raises DataError if there is no such folder.
    """
    named = os.environ.get("DATASETS_DIR")
    folder = data_dir or (Path(named) if named else None)
    if folder is not None and not folder.is_dir():
        setting = "--data-dir" if data_dir else "DATASETS_DIR"
        raise DataError(
            f"there is no folder {folder}, which {setting} names; expected the folder of the "
            "published files"
        )
    return folder


def locate(file: PublishedFile, data_dir: Path | None = None) -> Path:
    """Return the path of a file: in the data folder, else in the cache, else downloaded.

    The data folder is `data_dir` or the environment's DATASETS_DIR. Raises DataError when a data
    folder is given and lacks the file or the download is not the published file, and
    DataUnavailable when there is no data folder and no network.
    """
    named = data_folder(data_dir)
    folder = (named or cache_dir()) / file.folder
    found = _first(folder, (*file.other_names, file.name))
    if found is not None:
        return found
    if named is not None:
        others = f", and so is {' and '.join(file.other_names)}" if file.other_names else ""
        raise DataError(
            f"{file.name} is not in the data folder: {folder / file.name} is missing{others}. Put "
            "the file there, or leave out --data-dir and DATASETS_DIR to have it downloaded."
        )
    _download(file, folder / file.name)
    return folder / file.name


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def cache_dir() -> Path:
    """Return the folder of downloaded files: XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "newsgroup-classifier"


def _download(file: PublishedFile, target: Path) -> None:
    """Fetch a file with a progress bar; it appears whole and checked, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _fetch(file, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _fetch(file: PublishedFile, part: Path) -> None:
    digest = hashlib.sha256()
    size = 0
    try:
        # The address is a constant of this library.
        with (
            urllib.request.urlopen(file.url, timeout=_TIMEOUT_SECONDS) as answer,  # noqa: S310
            part.open("wb") as out,
            tqdm(
                total=(announced := int(answer.headers.get("Content-Length", 0))) or None,
                unit="B", unit_scale=True, desc=file.name, disable=None,
            ) as bar,
        ):  # fmt: skip
            while chunk := answer.read(_CHUNK):
                out.write(chunk)
                size += len(chunk)
                digest.update(chunk)
                bar.update(len(chunk))
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it holds the connection
        reason = getattr(error, "reason", error)
        raise DataUnavailable(
            f"{file.name} is neither in a data folder nor in the cache, and {file.url} cannot be "
            f"reached ({reason}). Set DATASETS_DIR to a folder with {file.folder}/{file.name}."
        ) from error
    if size < announced:
        raise DataError(
            f"{file.url} gave {size} of {announced} bytes. They were thrown away; try again."
        )
    if file.sha256 is not None and digest.hexdigest() != file.sha256:
        raise DataError(
            f"{file.url} gave a file with sha256 {digest.hexdigest()}; expected {file.sha256}. "
            "It was thrown away; try again later."
        )

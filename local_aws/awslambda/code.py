"""The code of a function: a zip that is checked, kept, and unpacked into a read-only folder."""

import base64
import hashlib
import io
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from botocore.exceptions import ClientError

from local_aws import cloud
from local_aws.errors import InvalidParameterValue, not_reproduced
from local_aws.settings import Settings

MOST_UNZIPPED_BYTES = 262_144_000
MOST_ZIPPED_BYTES = 52_428_800  # of a zip that is sent in the request
_READ_ONLY, _READ_ONLY_PROGRAM, _FOLDER = 0o444, 0o555, 0o755
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError)
_BAD_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."


@dataclass(frozen=True)
class Code:
    """A zip in a file and, once it is unpacked, the folder of what it holds."""

    archive: Path
    folder: Path
    size: int
    sha256: str  # in base64, as Lambda gives it


def fetch(given: dict[str, Any], settings: Settings, region: str) -> bytes:
    """Return the zip that a request carries or names in S3."""
    if given.get("ZipFile") is not None:
        return _decode(given["ZipFile"])
    if not given.get("S3Bucket") or not given.get("S3Key"):
        raise InvalidParameterValue("Please provide a source for function code.")
    try:
        return cloud.read_object(
            cloud.client("s3", settings, region),
            given["S3Bucket"],
            given["S3Key"],
            given.get("S3ObjectVersion"),
        )
    except ClientError as error:
        said = error.response["Error"]
        raise InvalidParameterValue(
            f"Error occurred while GetObject. S3 Error Code: {said['Code']}. "
            f"S3 Error Message: {said['Message']}"
        ) from error


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidParameterValue(f"Code.ZipFile is not base64: {error}") from error
    if len(data) > MOST_ZIPPED_BYTES:
        raise InvalidParameterValue(
            f"Zipped size must be smaller than {MOST_ZIPPED_BYTES} bytes, got {len(data)}; "
            "put the zip into S3."
        )
    return data


def check(data: bytes) -> None:
    """Raise InvalidParameterValue unless the bytes are a zip that Lambda takes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InvalidParameterValue(_BAD_ZIP) from error
    if not members:
        raise InvalidParameterValue("Uploaded file must be a non-empty zip")
    if sum(member.file_size for member in members) >= MOST_UNZIPPED_BYTES:
        raise InvalidParameterValue(
            f"Unzipped size must be smaller than {MOST_UNZIPPED_BYTES} bytes"
        )
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or member.flag_bits & 1:  # 1: encrypted
            raise InvalidParameterValue(f"{_BAD_ZIP} Its member {member.filename!r} is refused.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise not_reproduced(f"links in a zip ({member.filename!r})")


def describe(data: bytes, folder: Path) -> Code:
    """Return what a zip is and will be in a new folder, where nothing is yet."""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return Code(folder / "code.zip", folder / "task", len(data), digest)


def keep(data: bytes, code: Code) -> None:
    """Write a zip into its folder; it is not unpacked yet."""
    code.archive.parent.mkdir(parents=True)
    code.archive.write_bytes(data)


def unpack(code: Code) -> None:
    """Unpack the zip, with the programs it marks as such; nobody may write what it held.

    The folders stay the owner's, so that they can be removed. Raise InvalidParameterValue if a
    member is not what the zip says of it; the folder is there only once it is whole.
    """
    folder = code.folder.with_name("unpacking")
    folder.mkdir()
    try:
        _unpack_into(folder, code.archive)
    except _BROKEN as error:
        shutil.rmtree(folder)
        raise InvalidParameterValue(f"{_BAD_ZIP} ({error})") from error
    folder.rename(code.folder)


def _unpack_into(folder: Path, archive: Path) -> None:
    left = MOST_UNZIPPED_BYTES
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            target = folder / member.filename
            if member.is_dir():
                target.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
                continue
            target.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            with opened.open(member) as stream:
                data = stream.read(left)  # never more than the limit, whatever the zip says
            left -= len(data)
            target.write_bytes(data)
            is_program = (member.external_attr >> 16) & 0o111
            target.chmod(_READ_ONLY_PROGRAM if is_program else _READ_ONLY)

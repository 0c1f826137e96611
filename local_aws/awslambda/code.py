"""The code of a function: a zip that is checked, stored, and unpacked into a read-only folder."""

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
from local_aws.awslambda.errors import InvalidParameterValue
from local_aws.errors import not_reproduced
from local_aws.settings import Settings

MAX_UNZIPPED_BYTES = 262_144_000
MAX_ZIPPED_BYTES = 52_428_800  # of a zip in the request
_READ_ONLY, _READ_ONLY_PROGRAM, _FOLDER = 0o444, 0o555, 0o755
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError)
_BAD_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."


@dataclass(frozen=True)
class Code:
    """A stored zip and the folder that it is unpacked into."""

    archive: Path
    folder: Path
    size: int
    sha256: str  # in base64, Lambda's form


def fetch(source: dict[str, Any], settings: Settings, region: str) -> bytes:
    """Return the zip that a request contains, or names in S3."""
    if source.get("ZipFile") is not None:
        return _decode(source["ZipFile"])
    bucket, key = source.get("S3Bucket"), source.get("S3Key")
    if not bucket or not key:
        raise InvalidParameterValue("Please provide a source for function code.")
    s3 = cloud.client("s3", settings, region)
    try:
        data = cloud.read_object(s3, bucket, key, source.get("S3ObjectVersion"))
    except ClientError as error:
        details = error.response["Error"]
        raise _unreadable(details["Code"], details["Message"]) from error
    place = s3.head_bucket(Bucket=bucket)["BucketRegion"]
    if place != region:  # Lambda does not follow the redirection of S3
        message = (
            f"The bucket is in this region: {place}. Please use this region to retry the request"
        )
        raise _unreadable("PermanentRedirect", message)
    return data


def _unreadable(code: str, message: str) -> InvalidParameterValue:
    return InvalidParameterValue(
        f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    )


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidParameterValue(f"Code.ZipFile is not base64: {error}") from error
    if len(data) > MAX_ZIPPED_BYTES:
        raise InvalidParameterValue(
            f"Zipped size must be smaller than {MAX_ZIPPED_BYTES} bytes, got {len(data)}; "
            "upload the zip to S3."
        )
    return data


def check(data: bytes) -> None:
    """Raise InvalidParameterValue unless the bytes are a zip that Lambda accepts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InvalidParameterValue(_BAD_ZIP) from error
    if not members:
        raise InvalidParameterValue("Uploaded file must be a non-empty zip")
    if sum(member.file_size for member in members) >= MAX_UNZIPPED_BYTES:
        raise InvalidParameterValue(
            f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes"
        )
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or member.flag_bits & 1:  # 1: encrypted
            raise InvalidParameterValue(f"{_BAD_ZIP} Its member {member.filename!r} is refused.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise not_reproduced(f"links in a zip ({member.filename!r})")


def store(data: bytes, folder: Path) -> Code:
    """Write a zip into a new folder, without unpacking it."""
    folder.mkdir(parents=True)
    archive = folder / "code.zip"
    archive.write_bytes(data)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return Code(archive, folder / "task", len(data), digest)


def unpack(code: Code) -> None:
    """Unpack the zip into read-only files, executable where the zip marks them as such.

    The folders stay writable for the owner, so that they can be removed. Raise
    InvalidParameterValue if a member is corrupt; the folder appears only once it is complete.
    """
    folder = code.folder.with_name("unpacking")
    folder.mkdir()
    try:
        _unpack_into(folder, code.archive)
    except _BROKEN as error:
        shutil.rmtree(folder)
        raise InvalidParameterValue(f"{_BAD_ZIP} ({error})") from error
    folder.rename(code.folder)


def _unpack_into(folder: Path, path: Path) -> None:
    remaining = MAX_UNZIPPED_BYTES
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = folder / member.filename
            if member.is_dir():
                target.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
                continue
            target.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            with archive.open(member) as stream:
                data = stream.read(remaining)  # the sizes in the zip may be wrong
            remaining -= len(data)
            target.write_bytes(data)
            is_program = (member.external_attr >> 16) & 0o111
            target.chmod(_READ_ONLY_PROGRAM if is_program else _READ_ONLY)

"""Bind an approval to bytes: record a model archive when it is registered, and check it later.

A model package contains the address of its archive, which anyone with write access can replace. So
the package also records the archive's sha256 and its version in S3, whose content never changes.
"""

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import IO, Any, Self, cast

from newsgroup_classifier.artifacts import MANIFEST
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.stacks import training_command

SHA256, VERSION = "model-sha256", "model-version-id"  # in CustomerMetadataProperties
_CHUNK_BYTES = 64 * 1024
_MAX_BYTES = 30 * 2**30  # the default size of SageMaker's storage volumes
# Of reading a damaged archive. tarfile does not check what its extended headers contain.
_DAMAGE = (
    *(tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError),
    *(ValueError, LookupError, OverflowError, RecursionError),
)


@dataclass(frozen=True)
class ModelArchive:
    """One version of a model.tar.gz in S3, and the sha256 of its bytes."""

    uri: str
    version_id: str
    sha256: str

    @property
    def source(self) -> dict[str, str]:
        """The bucket, key and version, as S3 takes them."""
        return {**location_of(self.uri), "VersionId": self.version_id}

    @property
    def properties(self) -> dict[str, str]:
        """The record in the customer metadata of a model package."""
        return {SHA256: self.sha256, VERSION: self.version_id}


def check_versioned(aws: Aws, bucket: str) -> None:
    """Raise DeploymentError unless a bucket keeps the versions of its objects."""
    status = aws.client("s3").get_bucket_versioning(Bucket=bucket).get("Status", "never enabled")
    if status != "Enabled":
        raise DeploymentError(
            f"the versioning of bucket {bucket} is {status.lower()}; models are bound to a version "
            f"of their archive. Enable it with: aws s3api put-bucket-versioning --bucket {bucket} "
            "--versioning-configuration Status=Enabled"
        )


def record_model(aws: Aws, uri: str) -> ModelArchive:
    """Read a new model archive once; return its version and sha256.

    Raise DeploymentError unless it contains a manifest: a job that completes without saving a model
    leaves an empty archive, which could be approved although it can never serve.
    """
    with _open_object(aws, uri) as (body, version):
        stream = _Hashed(body)
        with open_tar(stream, uri) as tar:
            names = [member.name.removeprefix("./") for member in tar]
        sha256 = stream.finish()
    if MANIFEST not in names:
        raise DeploymentError(
            f"the training job saved no model: expected {MANIFEST} in {uri}, found "
            f"{', '.join(names[:5]) or 'nothing'}. Nothing was registered; see the job's log."
        )
    return ModelArchive(uri, version, sha256)


def approved_archive(aws: Aws, stack: str, recipe: Recipe, package: dict[str, Any]) -> ModelArchive:
    """Return the archive of a package; raise DeploymentError unless it is what was registered."""
    again = training_command(aws, recipe, stack)
    retrain = f"Nothing was created. Train and register the model again: {again}"
    recorded, arn = _recorded(package, retrain), package["ModelPackageArn"]
    place = location_of(recorded.uri)
    head = aws.make(Call("s3", "head_object", place), "(404)")
    current = f"version {head.get('VersionId', 'none')}" if head else "none"
    if current != f"version {recorded.version_id}":
        raise DeploymentError(
            f"{recorded.uri} was {'replaced' if head else 'deleted'} after {arn} was registered: "
            f"expected version {recorded.version_id}, found {current}. Nothing was created. Delete "
            "each newer version to restore it (aws s3api list-object-versions --region "
            f"{aws.region} --bucket {place['Bucket']} --prefix {place['Key']} lists them), or "
            f"train and register the model again: {again}"
        )
    with _open_object(aws, recorded.uri, recorded.version_id) as (body, _):
        sha256 = _Hashed(body).finish()
    if sha256 != recorded.sha256:
        raise DeploymentError(
            f"{recorded.uri} is not the archive that was registered as {arn}: expected sha256 "
            f"{recorded.sha256}, found {sha256}. {retrain}"
        )
    return recorded


def _recorded(package: dict[str, Any], retrain: str) -> ModelArchive:
    properties = package.get("CustomerMetadataProperties", {})
    uris = {
        container["ModelDataUrl"] for container in package["InferenceSpecification"]["Containers"]
    }
    missing = [name for name in (SHA256, VERSION) if not properties.get(name)]
    if missing:
        raise DeploymentError(
            f"{package['ModelPackageArn']} has no {' and no '.join(missing)} in its customer "
            f"metadata, so its approval is not bound to an archive. {retrain}"
        )
    if len(uris) != 1:
        raise DeploymentError(
            f"the containers of {package['ModelPackageArn']} have {len(uris)} model archives "
            f"({', '.join(sorted(uris))}); expected one for all. {retrain}"
        )
    return ModelArchive(uris.pop(), properties[VERSION], properties[SHA256])


class _Hashed:
    """A stream that hashes what is read from it."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body, self._hash = body, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Read and hash up to `size` bytes."""
        data = self._body.read(size)
        self._hash.update(data)
        return data

    def finish(self) -> str:
        """Read to the end; return the sha256 of the whole stream."""
        while self.read(_CHUNK_BYTES):
            pass
        return self._hash.hexdigest()


def read_members(
    aws: Aws, uri: str, patterns: Iterable[str], version_id: str | None = None
) -> dict[str, bytes]:
    """Return the content of the files of an archive whose names match patterns, by name."""
    members: dict[str, bytes] = {}
    with _open_object(aws, uri, version_id) as (body, _), open_tar(body, uri) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if not any(fnmatchcase(name, pattern) for pattern in patterns):
                continue
            if member.islnk():  # tar packs the second name of a file as a link to the first one
                content = members.get(member.linkname.removeprefix("./"))
            else:
                file = tar.extractfile(member) if member.isreg() else None
                content = file.read() if file else None
            if content is not None:
                members[name] = content
    return members


class _Header(tarfile.TarInfo):
    """A header that is an error if it is damaged; tarfile takes it for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header in a block; raise ReadError, or HeaderError at the end."""
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.strip(b"\0"):
                raise tarfile.ReadError(f"a header of a member is damaged ({error})") from error
            raise


class _Archive(tarfile.TarFile):
    """An archive with a limit; tarfile would skip a member of any size by small reads."""

    tarinfo = _Header

    def next(self) -> tarfile.TarInfo | None:
        """Return the next member, or None after the last one."""
        member = super().next()
        if self.offset > _MAX_BYTES:
            raise tarfile.ReadError("it has more than 30 GB")
        return member


@contextmanager
def open_tar(body: Any, uri: str) -> Iterator[tarfile.TarFile]:
    """Open a tar.gz for one pass over its members; raise DeploymentError if it is damaged."""
    try:
        with gzip.GzipFile(fileobj=body) as unpacked:
            stream = cast("IO[bytes]", unpacked)
            with _Archive.open(fileobj=stream, mode="r|", bufsize=_CHUNK_BYTES) as tar:
                yield tar
            while unpacked.read(_CHUNK_BYTES):  # to the end, where gzip compares the checksum
                pass
    except _DAMAGE as error:
        raise DeploymentError(
            f"{uri} is not a valid archive: {error}. Train the model again."
        ) from error


@contextmanager
def _open_object(
    aws: Aws, uri: str, version_id: str | None = None
) -> Iterator[tuple[IO[bytes], str]]:
    """Stream an object, the current version by default, with the id of its version."""
    s3 = aws.client("s3")
    source = location_of(uri) | ({"VersionId": version_id} if version_id else {})
    try:
        response = s3.get_object(**source)
    except s3.exceptions.NoSuchKey as error:
        raise DeploymentError(f"{uri} does not exist; train the model again") from error
    with response["Body"] as body:
        yield body, response.get("VersionId", "none")


def location_of(uri: str) -> dict[str, str]:
    """Return the bucket and key of an address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}

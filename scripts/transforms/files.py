"""The files of a transform: their formats by extension, their keys, and their way to S3."""

import codecs
import csv
import gzip
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from inference_pipeline.content_types import CSV, JSON_LINES, TEXT, has_header
from newsgroup_classifier.datasets.files.opening import walk
from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.request_bodies import BYTE_ORDER_MARK, request_type
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.model_archives import location_of
from scripts.endpoints.bodies import file_types

# The errors of reading a corrupt or incomplete .gz file.
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
_MARK = BYTE_ORDER_MARK.encode()
_LINE_TYPES = (CSV, JSON_LINES, TEXT)  # one record per line
_CONVERTED = (".jpg", ".jpeg")  # which `invoke` makes a PNG of, and SageMaker does not
_MAX_FIELD = 2**30  # characters; some posts exceed the csv module's own limit of 131,072
# What programs leave next to data, by the name of a file or of a folder above it in lower case.
_SIDE_FILES = (
    *(".ds_store", "._*", "__macosx"),  # macOS
    *("thumbs.db", "desktop.ini"),  # Windows
    *("_success", "_committed_*", "_started_*", "_temporary"),  # Spark
    *(".*.crc", "*_$folder$"),  # Hadoop
    ".ipynb_checkpoints",
)
_SHOWN = 3  # names in the note


@dataclass(frozen=True)
class Form:
    """The format of files; those of lines are split, and others are one request each."""

    content_type: str
    lines: bool
    gzip: bool = False


@dataclass(frozen=True)
class Files:
    """The objects of an input in S3's order; `prefix` is the one that SageMaker reads."""

    bucket: str
    prefix: str
    keys: tuple[str, ...]
    form: Form
    local: Mapping[str, Path] = field(default_factory=dict)  # the uploaded file of each key
    skipped: tuple[str, ...] = ()  # side files under the prefix, which SageMaker would read, too
    copied: Mapping[str, str] = field(default_factory=dict)  # the original address of each key

    @property
    def uri(self) -> str:
        """The address of the input."""
        return f"s3://{self.bucket}/{self.prefix}"

    def describe(self, key: str) -> str:
        """Return where an object comes from: a local file, or an address in S3."""
        return str(self.local.get(key) or self.copied.get(key) or f"s3://{self.bucket}/{key}")

    def output_keys(self, root: str) -> dict[str, str]:
        """Return the output key under a prefix for each input key."""
        return {key: f"{root}{_below(key, self.prefix)}.out" for key in self.keys}

    def without_side_files(self, bucket: str, prefix: str) -> "Files":
        """Return copies of the objects under another prefix, if the own one has side files."""
        if not self.skipped:
            return self
        origins = {f"{prefix}{_below(key, self.prefix)}": key for key in self.keys}
        copied = {key: f"s3://{self.bucket}/{origin}" for key, origin in origins.items()}
        keys = tuple(sorted(origins))
        return replace(self, bucket=bucket, prefix=prefix, keys=keys, skipped=(), copied=copied)


def _below(key: str, prefix: str) -> str:
    folder = prefix.rstrip("/") + "/"
    return key[len(folder) :] if key.startswith(folder) else key[prefix.rfind("/") + 1 :]


def split_address(uri: str, name: str) -> tuple[str, str]:
    """Return bucket and key of an s3:// address; raise DeploymentError for anything else."""
    bucket, slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not slash or not key.strip("/"):
        raise DeploymentError(
            f"{name} {uri!r} is not an S3 address; expected one such as s3://BUCKET/PREFIX/"
        )
    return bucket, key


def list_files(aws: Aws, uri: str, recipe: Recipe, content_type: str | None) -> Files:
    """Return the objects under a prefix; raise DeploymentError unless all have one format."""
    bucket, prefix = split_address(uri, "--input")
    objects = list_objects(aws, bucket, prefix)
    sizes = {item["Key"]: item["Size"] for item in objects if not item["Key"].endswith("/")}
    skipped = [key for key in sizes if key != prefix and is_side_file(_below(key, prefix))]
    _note_skipped(f"s3://{bucket}/{key}" for key in skipped)
    for key in skipped:
        del sizes[key]
    if not sizes:
        raise DeploymentError(f"there are no files at {uri}; expected at least one")
    _refuse_empty(sizes)
    form = form_of(list(sizes), recipe, content_type)
    files = Files(bucket, prefix, tuple(sorted(sizes)), form, skipped=tuple(skipped))
    if len(set(files.output_keys("").values())) < len(files.keys):
        raise DeploymentError(
            f"{uri} is the beginning of objects whose outputs would have the same name; end the "
            "prefix of a folder with a slash"
        )
    return files


def is_side_file(path: str) -> bool:
    """Return whether a relative path is that of a well-known side file, or in such a folder."""
    names = (name.lower() for name in PurePosixPath(path).parts)
    return any(fnmatchcase(name, pattern) for name in names for pattern in _SIDE_FILES)


def _note_skipped(paths: Iterable[str]) -> None:
    """Print which side files a transform does not read."""
    names = list(paths)
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        say(f"Note: skipping files that are not data: {', '.join(names[:_SHOWN])}{more}.")


def list_objects(aws: Aws, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield the objects under a prefix; raise DeploymentError if the bucket does not exist."""
    client = aws.client("s3")
    try:
        yield from aws.pages("s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix)
    except client.exceptions.NoSuchBucket as error:
        raise DeploymentError(f"there is no bucket {bucket!r}") from error


def _refuse_empty(sizes: dict[str, int]) -> None:
    empty = [name for name, size in sizes.items() if not size]
    if empty:
        raise DeploymentError(f"{empty[0]} is empty; expected a file with at least one record")


def refuse_nested(files: Files, output: str) -> None:
    """Raise DeploymentError if outputs would be under the input's prefix."""
    bucket, root = split_address(output, "--output")
    outputs = files.output_keys(root).values()
    if bucket == files.bucket and any(key.startswith(files.prefix) for key in outputs):
        raise DeploymentError(
            f"the output {output} is under the input {files.uri}, so the next "
            "transform would read it; choose another prefix"
        )


def upload_file(aws: Aws, path: Path, bucket: str, key: str) -> None:
    """Upload a file without its byte order mark, which --join and filters would not drop."""
    with path.open("rb") as file:
        if file.read(len(_MARK)) != _MARK:
            file.seek(0)
        aws.client("s3").upload_fileobj(file, bucket, key)


def copy_calls(files: Files) -> list[Call]:
    """Return the calls that copy objects to their keys."""
    return [
        Call("s3", "copy", {"CopySource": location_of(origin), "Bucket": files.bucket, "Key": key})
        for key, origin in files.copied.items()
    ]


def form_of(names: Sequence[str], recipe: Recipe, content_type: str | None) -> Form:
    """Return the format of files by extension; raise DeploymentError if unknown or mixed."""
    types = {end: kind for end, kind in file_types(recipe).items() if end not in _CONVERTED}
    examples = {_extension(name): name for name in reversed(names)}
    extensions = sorted(examples)
    if len(extensions) > 1:
        raise DeploymentError(
            "the input has several file formats "
            f"({', '.join(f'{each} in {examples[each]}' for each in extensions)}); a transform "
            "reads one. Put each format into its own folder."
        )
    content_type = content_type or types.get(extensions[0].removesuffix(".gz"))
    if content_type is None:
        raise DeploymentError(
            f"{names[0]} does not have a known extension for {recipe.inputs}; expected "
            f"{', '.join(types)} (or .gz of them), or a --content-type"
        )
    kind = request_type(content_type, tuple(types.values()))
    zipped = extensions[0].endswith(".gz")
    if kind == CSV and has_header(content_type):  # SageMaker would split the header off
        return Form(f"{CSV}; header=present", lines=False, gzip=zipped)
    return Form(kind, lines=kind in _LINE_TYPES, gzip=zipped)


def _extension(name: str) -> str:
    path = PurePosixPath(name.lower())
    if path.suffix == ".gz":
        return f"{path.with_suffix('').suffix}.gz"
    return path.suffix or "no extension"


def local_files(path: Path) -> list[Path]:
    """Return a file, or a folder's files without side files; raise DeploymentError if none."""
    if path.is_file():
        files = [path]
    elif path.is_dir():
        contents = sorted(walk(path))
        skipped = {file for file in contents if is_side_file(file.relative_to(path).as_posix())}
        _note_skipped(map(str, sorted(skipped)))
        files = [file for file in contents if file not in skipped]
    else:
        state = "is a pipe or a device" if path.exists() else "does not exist"
        raise DeploymentError(
            f"{path} {state}; expected a file, a folder, or an address s3://BUCKET/PREFIX/"
        )
    if not files:
        raise DeploymentError(f"{path} is empty; expected a folder with at least one file")
    for file in files:
        _check_file(file)
    _refuse_empty({str(file): file.stat().st_size for file in files})
    return files


def _check_file(path: Path) -> None:
    """Raise DeploymentError for a broken link and the like, and for a name that no key can have."""
    if not path.is_file():
        raise DeploymentError(f"{path} is a broken link, a pipe, or a device; remove it")
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise DeploymentError(
            f"the name {os.fsencode(path)!r} is not UTF-8, as keys in S3 are; rename the file"
        ) from None


def check_lines(path: Path, form: Form, filtered: bool = False) -> None:
    """Raise RequestError for CSV rows that span lines, or have several columns and no filter."""
    if form.content_type != CSV:
        return
    csv.field_size_limit(_MAX_FIELD)
    with gzip.open(path) if form.gzip else path.open("rb") as file:
        try:
            lines = codecs.iterdecode(file, "utf-8-sig", "replace")
            rows = csv.reader(lines, strict=True)  # as containers read them
            _check_rows(path, rows, sys.maxsize if filtered else 1)
        except DAMAGED as error:
            raise RequestError(f"{path} is corrupt or not a gzip file: {error}") from error


def _check_rows(path: Path, rows: Any, most: int) -> None:
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            if rows.line_num > number:
                raise RequestError(
                    f"{path} line {number}: this row spans {rows.line_num - number + 1} lines, "
                    "but SageMaker splits at line breaks. Write each text as a JSON string on its "
                    "own line of a .jsonl file."
                )
            if len(row) > most:
                raise RequestError(
                    f"{path} line {number}: this row has {len(row)} columns; expected one text. "
                    "Quote texts with commas, or select a column, such as --input-filter '$[1]'"
                )
    except csv.Error as error:
        raise RequestError(f"{path} line {number + 1}: this row is not CSV: {error}") from error

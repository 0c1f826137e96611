"""The files of a transform: their formats by extension, and the keys of inputs and outputs."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from inference_pipeline.content_types import CSV, JSON_LINES, TEXT
from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.endpoints.bodies import file_types

# The errors of reading a corrupt or incomplete .gz file.
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
_LINE_TYPES = (CSV, JSON_LINES, TEXT)  # one record per line
_MAX_FIELD = 2**30  # characters; some posts exceed the csv module's own limit of 131,072


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

    @property
    def uri(self) -> str:
        """The address of the input."""
        return f"s3://{self.bucket}/{self.prefix}"

    def describe(self, key: str) -> str:
        """Return the address of an object, and its local file if it was uploaded."""
        address = f"s3://{self.bucket}/{key}"
        return f"{self.local[key]} ({address})" if key in self.local else address

    def output_keys(self, root: str) -> dict[str, str]:
        """Return the output key under a prefix for each input key."""
        return {key: f"{root}{self._relative(key)}.out" for key in self.keys}

    def _relative(self, key: str) -> str:
        """Return the path of a key under the prefix."""
        folder = self.prefix.rstrip("/") + "/"
        if key.startswith(folder):
            return key[len(folder) :]
        return key[self.prefix.rfind("/") + 1 :]


def split_address(uri: str, name: str) -> tuple[str, str]:
    """Return bucket and key of an s3:// address; raise DeploymentError for anything else."""
    bucket, slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not slash or not key.strip("/"):
        raise DeploymentError(f"{name} is {uri!r}; expected an address such as s3://BUCKET/PREFIX/")
    return bucket, key


def list_files(aws: Aws, uri: str, recipe: Recipe, content_type: str | None) -> Files:
    """Return the objects under a prefix; raise DeploymentError unless all have one format."""
    bucket, prefix = split_address(uri, "--input")
    objects = list_objects(aws, bucket, prefix)
    sizes = {item["Key"]: item["Size"] for item in objects if not item["Key"].endswith("/")}
    if not sizes:
        raise DeploymentError(f"there are no files at {uri}; expected at least one")
    _refuse_empty(sizes)
    form = form_of(list(sizes), recipe, content_type)
    return Files(bucket, prefix, tuple(sorted(sizes)), form)


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


def form_of(names: Sequence[str], recipe: Recipe, content_type: str | None) -> Form:
    """Return the format of files by extension; raise DeploymentError if unknown or mixed."""
    types = file_types(recipe)
    extensions = sorted({_extension(name) for name in names})
    if len(extensions) > 1:
        raise DeploymentError(
            f"the input has several file formats ({', '.join(extensions)}); a transform reads one. "
            "Put each format into its own folder."
        )
    content_type = content_type or types.get(extensions[0].removesuffix(".gz"))
    if content_type is None:
        raise DeploymentError(
            f"{names[0]} does not have a known extension for {recipe.inputs}; expected "
            f"{', '.join(types)} (or .gz of them), or a --content-type"
        )
    lines = content_type in _LINE_TYPES and content_type in types.values()
    return Form(content_type, lines, gzip=extensions[0].endswith(".gz"))


def _extension(name: str) -> str:
    path = PurePosixPath(name)
    if path.suffix == ".gz":
        return f"{path.with_suffix('').suffix}.gz".lower()
    return path.suffix.lower() or "no extension"


def local_files(path: Path) -> list[Path]:
    """Return a file, or the files of a folder; raise DeploymentError if there are none."""
    if path.is_file():
        files = [path]
    elif path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
    else:
        raise DeploymentError(
            f"{path} does not exist; expected a file, a folder, or an address s3://BUCKET/PREFIX/"
        )
    if not files:
        raise DeploymentError(f"{path} is empty; expected a folder with at least one file")
    _refuse_empty({str(file): file.stat().st_size for file in files})
    return files


def check_lines(path: Path, form: Form) -> None:
    """Raise RequestError for CSV rows that span lines, because SageMaker splits at line breaks."""
    if form.content_type != CSV:
        return
    csv.field_size_limit(_MAX_FIELD)
    with gzip.open(path) if form.gzip else path.open("rb") as file:
        try:
            _check_rows(path, csv.reader(line.decode("utf-8", "replace") for line in file))
        except DAMAGED as error:
            raise RequestError(f"{path} is corrupt or not a gzip file: {error}") from error


def _check_rows(path: Path, rows: Any) -> None:
    number = 0
    try:
        for number, _ in enumerate(rows, start=1):
            if rows.line_num > number:
                raise RequestError(
                    f"{path} line {number}: this row spans {rows.line_num - number + 1} lines, "
                    "but SageMaker splits at line breaks. Write each text as a JSON string on its "
                    "own line of a .jsonl file."
                )
    except csv.Error as error:
        raise RequestError(f"{path} line {number + 1}: this row is not CSV: {error}") from error

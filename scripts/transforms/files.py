"""The files of a transform: what they hold, by their endings, and where they and outputs lie."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, NPY, PNG, TEXT
from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws

# What reading a .gz file raises that was damaged or cut off.
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
_LONGEST_FIELD = 2**30  # csv's own limit of 131,072 characters is shorter than some posts


@dataclass(frozen=True)
class Form:
    """What the files hold; those of lines are split, others are one request each."""

    content_type: str
    lines: bool
    gzip: bool = False


_TEXTS = {
    ".csv": Form(CSV, lines=True),
    ".jsonl": Form(JSON_LINES, lines=True),
    ".txt": Form(TEXT, lines=True),
    ".json": Form(JSON, lines=False),
}
_IMAGES = {
    ".json": Form(JSON, lines=False),
    ".npy": Form(NPY, lines=False),
    ".png": Form(PNG, lines=False),
}


@dataclass(frozen=True)
class Files:
    """The objects of an input, in S3's order; `prefix` is the address that SageMaker is given."""

    bucket: str
    prefix: str
    keys: tuple[str, ...]
    form: Form
    local: Mapping[str, Path] = field(default_factory=dict)  # what an object was uploaded from

    @property
    def uri(self) -> str:
        """The address of the input."""
        return f"s3://{self.bucket}/{self.prefix}"

    def place(self, key: str) -> str:
        """Return where an object is, for people: the local file, too, if there is one."""
        address = f"s3://{self.bucket}/{key}"
        return f"{self.local[key]} ({address})" if key in self.local else address

    def output_keys(self, root: str) -> dict[str, str]:
        """Return the key of each object's output below a prefix, by its own key."""
        return {key: f"{root}{self._below(key)}.out" for key in self.keys}

    def _below(self, key: str) -> str:
        """Return what of a key the output is named after: its path below the prefix."""
        folder = self.prefix.rstrip("/") + "/"
        if key.startswith(folder):
            return key[len(folder) :]
        return key[self.prefix.rfind("/") + 1 :]


def split_address(uri: str, what: str) -> tuple[str, str]:
    """Return bucket and key of an s3:// address; raise DeploymentError for anything else."""
    bucket, slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not slash or not key.strip("/"):
        raise DeploymentError(f"{what} is {uri!r}; expected an address such as s3://BUCKET/PREFIX/")
    return bucket, key


def list_files(aws: Aws, uri: str, recipe: Recipe, content_type: str | None) -> Files:
    """Return the objects under a prefix; raise DeploymentError if there are none, or not alike."""
    bucket, prefix = split_address(uri, "--input")
    found = list(list_objects(aws, bucket, prefix))
    sizes = {item["Key"]: item["Size"] for item in found if not item["Key"].endswith("/")}
    if not sizes:
        raise DeploymentError(f"there is nothing at {uri}; expected one or several files")
    _refuse_empty(sizes)
    form = form_of(list(sizes), recipe, content_type)
    return Files(bucket, prefix, tuple(sorted(sizes)), form)


def list_objects(aws: Aws, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield the objects under a prefix; raise DeploymentError if there is no such bucket."""
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
    """Return the one form of files by their endings; raise DeploymentError for none or several."""
    forms = _IMAGES if recipe.inputs == "images" else _TEXTS
    endings = sorted({_ending(name) for name in names})
    if len(endings) > 1:
        raise DeploymentError(
            f"the input has files of several kinds ({', '.join(endings)}); a transform takes one. "
            "Give each kind a folder of its own."
        )
    zipped = endings[0].endswith(".gz")
    plain = endings[0].removesuffix(".gz")
    if content_type:
        known = [form for form in forms.values() if form.content_type == content_type]
        form = known[0] if known else Form(content_type, lines=False)
    elif plain in forms:
        form = forms[plain]
    else:
        raise DeploymentError(
            f"{names[0]} is no file of {recipe.inputs} that is known by its ending; expected "
            f"{', '.join(forms)} (or .gz of them), or say what it is with --content-type"
        )
    return replace(form, gzip=zipped)


def _ending(name: str) -> str:
    path = PurePosixPath(name)
    if path.suffix == ".gz":
        return f"{path.with_suffix('').suffix}.gz".lower()
    return path.suffix.lower() or "no ending"


def local_files(given: Path) -> list[Path]:
    """Return the file, or the files of a folder; raise DeploymentError where there are none."""
    if given.is_file():
        found = [given]
    elif given.is_dir():
        found = sorted(path for path in given.rglob("*") if path.is_file())
    else:
        raise DeploymentError(
            f"{given} does not exist; expected a file, a folder, or an address s3://BUCKET/PREFIX/"
        )
    if not found:
        raise DeploymentError(f"{given} is empty; expected a folder with one or several files")
    _refuse_empty({str(path): path.stat().st_size for path in found})
    return found


def check_lines(path: Path, form: Form) -> None:
    """Raise RequestError for CSV with rows of several lines: SageMaker splits at line ends."""
    if form.content_type != CSV:
        return
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open("rb") as raw, open_lines(raw, form) as file:
        try:
            _check_rows(path, csv.reader(line.decode("utf-8", "replace") for line in file))
        except DAMAGED as error:
            raise RequestError(f"{path} is damaged or no gzip file: {error}") from error


def _check_rows(path: Path, rows: Any) -> None:
    number = 0
    try:
        for number, _ in enumerate(rows, start=1):
            if rows.line_num > number:
                raise RequestError(
                    f"{path} line {number}: this row goes on over {rows.line_num - number + 1} "
                    "lines, and SageMaker splits at line ends. Write each text as a JSON string "
                    "on a line of its own, into a .jsonl file."
                )
    except csv.Error as error:
        raise RequestError(f"{path} line {number + 1}: this row is no CSV: {error}") from error


def open_lines(file: IO[bytes], form: Form) -> IO[bytes]:
    """Return what a file holds, decompressed if it is compressed."""
    return gzip.GzipFile(fileobj=file) if form.gzip else file  # type: ignore[return-value]

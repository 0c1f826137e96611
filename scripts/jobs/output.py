"""What a training job left in output.tar.gz: exact metrics, pictures, and a search's table."""

import csv
import io
import json
import tarfile
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws

_METRICS, _SEARCH = "metrics.json", "search.csv"


@dataclass(frozen=True)
class JobOutput:
    """Where the output is, the metrics in it (the API's own are single precision), its pictures.

    `search` are the candidates of a search, best first, if the job made one.
    """

    uri: str
    metrics: dict[str, Any]
    pictures: dict[str, bytes]  # by their names
    search: list[dict[str, str]] = field(default_factory=list)


def read_job_output(aws: Aws, model_uri: str) -> JobOutput:
    """Fetch a job's output, which lies beside its model."""
    uri = model_uri.removesuffix("model.tar.gz") + "output.tar.gz"
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    with tempfile.TemporaryDirectory(prefix="job-output-") as folder:
        archive = Path(folder) / "output.tar.gz"
        aws.client("s3").download_file(bucket, key, str(archive))
        try:
            with tarfile.open(archive, "r:gz") as tar:
                return _unpack(tar, uri)
        except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
            raise DeploymentError(f"{uri} is not what a training job leaves: {error}") from error


def make_folder(folder: Path) -> None:
    """Make the folder of the pictures; raise DeploymentError unless files can be put into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DeploymentError(
            f"--pictures {folder} cannot be used ({error.strerror}); expected a folder to write "
            "to, or a place where one can be made"
        ) from error


def copy_pictures(output: JobOutput, folder: Path) -> None:
    """Put the pictures into a folder, each whole or not at all."""
    for name, content in output.pictures.items():
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)


def _unpack(tar: tarfile.TarFile, uri: str) -> JobOutput:
    names = [member.name for member in tar if member.isreg()]
    if _METRICS not in names:
        raise ValueError(f"it has no {_METRICS}, only {', '.join(names) or 'nothing'}")
    pictures = {name: _read(tar, name) for name in sorted(names) if _is_picture(name)}
    metrics, search = json.loads(_read(tar, _METRICS)), []
    if _SEARCH in names:
        search = list(csv.DictReader(io.StringIO(_read(tar, _SEARCH).decode())))
    return JobOutput(uri, metrics, pictures, search)


def _is_picture(name: str) -> bool:
    """Tell whether a member is a picture in the archive's own folder, not below or outside it."""
    return name.endswith(".png") and Path(name).name == name


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise ValueError(f"{name} in it cannot be read")
    with file:
        return file.read()

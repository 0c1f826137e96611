"""Read what a training job left in output.tar.gz: exact metrics and pictures."""

import json
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.aws import Aws

_METRICS = "metrics.json"


@dataclass(frozen=True)
class JobOutput:
    """Where the output is, the metrics in it (the API's own are single precision), its pictures."""

    uri: str
    metrics: dict[str, Any]
    pictures: list[str]


def read_job_output(aws: Aws, model_uri: str, pictures_to: Path | None) -> JobOutput:
    """Fetch a job's output, which lies beside its model; copy its pictures to a folder if asked."""
    uri = model_uri.removesuffix("model.tar.gz") + "output.tar.gz"
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    with tempfile.TemporaryDirectory(prefix="job-output-") as folder:
        archive = Path(folder) / "output.tar.gz"
        aws.client("s3").download_file(bucket, key, str(archive))
        try:
            with tarfile.open(archive, "r:gz") as tar:
                metrics, pictures = _unpack(tar, pictures_to)
        except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
            raise DeploymentError(f"{uri} is not what a training job leaves: {error}") from error
    return JobOutput(uri, metrics, pictures)


def _unpack(tar: tarfile.TarFile, pictures_to: Path | None) -> tuple[dict[str, Any], list[str]]:
    """Return the metrics and the names of the pictures, which are copied to a folder if asked."""
    names = [member.name for member in tar if member.isreg()]
    if _METRICS not in names:
        raise ValueError(f"it has no {_METRICS}, only {', '.join(names) or 'nothing'}")
    pictures = sorted(name for name in names if _is_picture(name))
    if pictures_to is not None:
        pictures_to.mkdir(parents=True, exist_ok=True)
        for name in pictures:
            part = pictures_to / f"{name}.part"
            part.write_bytes(_read(tar, name))
            part.replace(pictures_to / name)
    return json.loads(_read(tar, _METRICS)), pictures


def _is_picture(name: str) -> bool:
    """Tell whether a member is a picture in the archive's own folder, not below or outside it."""
    return name.endswith(".png") and Path(name).name == name


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise ValueError(f"{name} in it cannot be read")
    with file:
        return file.read()

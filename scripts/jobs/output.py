"""The contents of a job's output.tar.gz: exact metrics, plots, and the table of a search."""

import argparse
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
from newsgroup_classifier.training.search.table import table_lines
from scripts.account.aws import Aws
from scripts.account.command import add_old_flag, say, table

_METRICS, _SEARCH = "metrics.json", "search.csv"
_MAX_CANDIDATES = 5  # of a search that are shown


@dataclass(frozen=True)
class JobOutput:
    """The address of the output, its metrics (the API rounds them), and its plots by name.

    `search` holds the candidates of a search inside the job, best first.
    """

    uri: str
    metrics: dict[str, Any]
    plots: dict[str, bytes]
    search: list[dict[str, str]] = field(default_factory=list)


def add_plots_argument(parser: Any, description: str) -> None:
    """Add --plots to a parser or a group."""
    action: argparse.Action = parser.add_argument(
        "--plots", type=Path, metavar="DIR", help=description
    )
    add_old_flag(parser, "--pictures", action)


def read_job_output(aws: Aws, model_uri: str) -> JobOutput:
    """Fetch the output of a job, which is stored next to its model."""
    uri = model_uri.removesuffix("model.tar.gz") + "output.tar.gz"
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    with tempfile.TemporaryDirectory(prefix="job-output-") as folder:
        archive = Path(folder) / "output.tar.gz"
        aws.client("s3").download_file(bucket, key, str(archive))
        try:
            with tarfile.open(archive, "r:gz") as tar:
                return _unpack(tar, uri)
        except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
            raise DeploymentError(f"{uri} is not the output of a training job: {error}") from error


def make_folder(folder: Path) -> None:
    """Create the folder of the plots; raise DeploymentError if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DeploymentError(
            f"--plots {folder} cannot be used ({error.strerror}); expected a writable folder, or "
            "a path where one can be created"
        ) from error


def copy_plots(output: JobOutput, folder: Path) -> None:
    """Write the plots into a folder, each one atomically."""
    for name, content in output.plots.items():
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)


def show_output(output: JobOutput, inputs: str, mark: str, folder: Path | None) -> None:
    """Print the metrics, with the mark of a generated sample, and the names of the plots."""
    rows = [
        (f"  {name}", (f"{value:,}" if isinstance(value, int) else f"{value:.4f}") + mark)
        for name, value in output.metrics.items()
    ]
    say(f"Metrics on the test {inputs}, and the size of the training data:\n{table(rows)}")
    if output.search:
        title = f"The best of {len(output.search)} candidates{mark}; search.csv lists all:"
        say("\n  ".join([title, *table_lines(output.search, _MAX_CANDIDATES)]))
    where = f"in {folder}" if folder else f"in {output.uri}; --plots DIR copies them"
    say(f"Plots{mark} ({where}): {', '.join(output.plots)}")


def _unpack(tar: tarfile.TarFile, uri: str) -> JobOutput:
    names = [member.name for member in tar if member.isreg()]
    if _METRICS not in names:
        raise ValueError(f"it has no {_METRICS}, only {', '.join(names) or 'nothing'}")
    plots = {name: _read(tar, name) for name in sorted(names) if _is_plot(name)}
    metrics, search = json.loads(_read(tar, _METRICS)), []
    if _SEARCH in names:
        search = list(csv.DictReader(io.StringIO(_read(tar, _SEARCH).decode())))
    return JobOutput(uri, metrics, plots, search)


def _is_plot(name: str) -> bool:
    """Return whether a member is a plot at the top of the archive, not below or outside it."""
    return name.endswith(".png") and Path(name).name == name


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise ValueError(f"{name} in it cannot be read")
    with file:
        return file.read()

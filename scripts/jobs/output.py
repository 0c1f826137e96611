"""What a job leaves: the contents of its output.tar.gz, and the lineage of its model."""

import argparse
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.csv_files import read_rows
from newsgroup_classifier.errors import DeploymentError, counted
from newsgroup_classifier.evaluation.report import PREDICTIONS, REPORT_FIGURES
from newsgroup_classifier.training.search.table import table_lines
from scripts.account.aws import Aws
from scripts.account.command import add_old_flag, path, say, table
from scripts.account.lineage import FORMAT, Example, Origin
from scripts.account.model_archives import read_members
from scripts.jobs.examples import best_example
from scripts.jobs.training_plans import TrainingPlan, hyperparameters_as_text

_METRICS, _SEARCH, _WARNINGS = "metrics.json", "search.csv", "warnings.json"
_READ = (_METRICS, _SEARCH, _WARNINGS, REPORT_FIGURES, PREDICTIONS, "*.png")
_MAX_CANDIDATES = 5  # of a search that are shown


@dataclass(frozen=True)
class JobOutput:
    """The address of the output, and its contents."""

    uri: str
    metrics: dict[str, Any]  # exact; the API rounds them
    plots: dict[str, bytes]
    search: list[dict[str, str]] = field(default_factory=list)  # candidates inside the job
    warnings: list[str] = field(default_factory=list)  # why the model may be useless
    figures: dict[str, Any] = field(default_factory=dict)  # of the report, like the predictions
    predictions: bytes = b""


def add_plots_argument(parser: Any, description: str) -> None:
    """Add --plots to a parser or a group."""
    action: argparse.Action = parser.add_argument(
        "--plots", type=path, metavar="DIR", help=description
    )
    add_old_flag(parser, "--pictures", action)


def read_job_output(aws: Aws, model_uri: str) -> JobOutput:
    """Fetch the output of a job, which is stored next to its model."""
    uri = model_uri.removesuffix("model.tar.gz") + "output.tar.gz"
    members = read_members(aws, uri, _READ)
    if _METRICS not in members:
        raise DeploymentError(f"{uri} has no {_METRICS}; see the job's log")
    try:
        metrics = json.loads(members[_METRICS])
        warnings = json.loads(members.get(_WARNINGS, b"[]"))
        columns, *rows = read_rows(members.get(_SEARCH, b"")) or [[]]
        search = [dict(zip(columns, row, strict=True)) for row in rows]
        figures = json.loads(members.get(REPORT_FIGURES, b"{}"))
    except ValueError as error:
        raise DeploymentError(
            f"the {_METRICS}, {_WARNINGS}, {REPORT_FIGURES}, or {_SEARCH} in {uri} is broken: "
            f"{error}"
        ) from error
    # Plots are at the top of the archive, not below or outside it.
    top = sorted(name for name in members if "/" not in name)
    plots = {name: members[name] for name in top if name.endswith(".png")}
    predictions = members.get(PREDICTIONS, b"")
    return JobOutput(uri, metrics, plots, search, list(warnings), figures, predictions)


def show_warnings(output: JobOutput) -> None:
    """Print the warnings about the model."""
    for warning in output.warnings:
        say(f"WARNING: {warning}")


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
        with atomic_write(folder / name) as part:
            part.write_bytes(content)


def show_output(output: JobOutput, inputs: str, mark: str, folder: Path | None) -> None:
    """Print the metrics, with the mark of a generated sample, and the names of the plots."""
    rows = [
        (f"  {name}", (f"{value:,}" if isinstance(value, int) else f"{value:.4f}") + mark)
        for name, value in output.metrics.items()
    ]
    say(f"Metrics on the test {inputs}, and the size of the training data:\n{table(rows)}")
    if output.search:
        candidates = counted(len(output.search), "candidate")
        title = f"The best of {candidates}{mark}; search.csv lists all:"
        say("\n  ".join([title, *table_lines(output.search, _MAX_CANDIDATES)]))
    where = f"in {folder}" if folder else f"in {output.uri}; --plots DIR copies them"
    say(f"Plots{mark} ({where}): {', '.join(output.plots)}")
    show_warnings(output)


def origin_of(
    aws: Aws,
    plan: TrainingPlan,
    output: JobOutput,
    job_name: str,
    tuned: Mapping[str, str] | None = None,
) -> Origin:
    """Return the origin of the model of a job; `tuned` are the choices of a tuning job for it."""
    bucket = plan.foundation.bucket
    example = _example(aws, plan, output)
    texts = hyperparameters_as_text(plan) | dict(tuned or {})
    lineage = {
        "format": FORMAT,
        "training_job_name": job_name,
        "recipe": plan.recipe.name,
        "data_name": plan.recipe.data_name,
        "commit": plan.commit,
        "code_uri": plan.code_uri,
        "image": plan.image,
        "instance_type": plan.instance_type,
        "instance_count": plan.instance_count,
        "input_mode": plan.input_mode,
        "hyperparameters": {name: texts[name] for name in plan.hyperparameters},
        "channels": {name: f"s3://{bucket}/{key}" for name, key in plan.channel_keys.items()},
        "data": _data(output),
        "generated_sample": plan.generated,
        "metrics": output.metrics,
        "example": example.document() if example else None,
    }
    return Origin(plan.properties, lineage)


def _data(output: JobOutput) -> dict[str, Any]:
    """Return the rows and the sha256 of the channels' files that a job reports."""
    reported = output.figures.get("data")
    if isinstance(reported, dict):
        return reported
    rows = output.metrics.get("train_rows")
    return {"train": {"rows": rows}} if rows else {}


def _example(aws: Aws, plan: TrainingPlan, output: JobOutput) -> Example | None:
    """Return the example of the model, or None, with a note, if its job reported no predictions."""
    # It imports numpy, which --help does not need.
    from newsgroup_classifier.evaluation.report.evidence import right_predictions

    if not output.predictions:
        say("The job has no report, so the package has no example with a label.")
        return None
    try:
        predictions = right_predictions(output.predictions)
    except ValueError as error:  # a job of other code
        say(f"The package has no example with a label: {error}.")
        return None
    key = plan.channel_keys["test"]
    return best_example(aws, plan.recipe, plan.foundation.bucket, key, predictions)

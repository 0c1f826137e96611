"""Fetch the report of a training job, or compare jobs that were tested on the same data.

    python -m scripts.report --recipe newsgroups-naive-bayes --open
    python -m scripts.report --compare FIRST-JOB SECOND-JOB

The report is one HTML file that opens offline. It contains texts of the test channel, unless the
job was trained with --no-texts.
"""

import argparse
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.evaluation.report import PREDICTIONS, REPORT_FIGURES, REPORT_PAGE
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.model_archives import location_of, read_members
from scripts.account.naming import is_release_of, name_in_stack
from scripts.account.selection import OWN_MODEL, Recipe, selected_recipe
from scripts.account.stacks import training_command

if TYPE_CHECKING:  # a single report needs no comparison, which imports pandas and scipy
    from newsgroup_classifier.evaluation.report.comparison import Comparison, Run

_COMPLETED = "Completed"
_MOST_TEXTS = 50  # of each side of a comparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("job", nargs="?", metavar="JOB", help="name of a training job")
    command.add_recipe_argument(parser, default="")
    parser.add_argument(
        "--compare", nargs="+", metavar="JOB", help="jobs to compare with the first of them"
    )
    parser.add_argument(
        "--output",
        type=command.path,
        metavar="PATH",
        help="file to write (default: named after the job)",
    )
    parser.add_argument("--open", action="store_true", help="open the file in a browser")
    parser.add_argument("--no-texts", action="store_true", help="leave texts out of the comparison")
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write the report or the comparison into a file; return the file and the jobs."""
    _check(arguments)
    aws = connect(arguments)
    names = arguments.compare or [arguments.job]
    if arguments.recipe:
        names = [_newest_job(aws, arguments.stack, selected_recipe(arguments))]
    jobs = [_describe_job(aws, name) for name in names]
    if arguments.dry_run:
        places = (location_of(_output_uri(job)) for job in jobs)
        return dry_run([Call("s3", "get_object", place) for place in places])
    if arguments.compare:
        page, result = _compare(aws, jobs, not arguments.no_texts)
        default = Path(f"comparison-{names[0]}.html")
    else:
        page = _read_output(aws, jobs[0], (REPORT_PAGE,))[REPORT_PAGE]
        result = {"training_job_name": names[0], "output": _output_uri(jobs[0])}
        default = Path(f"report-{names[0]}.html")
    path = (arguments.output or default).resolve()
    with atomic_write(path) as part:
        part.write_bytes(page)
    say(f"The report is {path}")
    if arguments.open and not webbrowser.open(path.as_uri()):
        say("No browser could be started; open the file yourself.")
    return {**result, "report": str(path)}


def _check(arguments: argparse.Namespace) -> None:
    flags = {"job": "JOB", "recipe": "--recipe", "compare": "--compare"}
    passed = [flag for name, flag in flags.items() if getattr(arguments, name)]
    if len(passed) != 1:
        raise DeploymentError(
            f"expected one of {', '.join(flags.values())}; found {' and '.join(passed) or 'none'}"
        )
    if arguments.name is not None and not arguments.recipe:
        raise DeploymentError("--name is the name of the data of a --recipe; pass --recipe, too")
    if arguments.no_texts and not arguments.compare:
        raise DeploymentError(
            "--no-texts leaves texts out of a comparison; a report without texts needs a job that "
            "was trained with --no-texts"
        )
    compared = arguments.compare or []
    if len(compared) == 1 or len(set(compared)) < len(compared):
        raise DeploymentError("--compare needs two or more different jobs")


def _compare(aws: Aws, jobs: list[dict[str, Any]], reads: bool) -> tuple[bytes, Result]:
    from newsgroup_classifier.evaluation.report.comparison import check_comparable, compare, evenly
    from newsgroup_classifier.evaluation.report.page import render_comparison
    from newsgroup_classifier.evaluation.report.tables import excerpt

    runs = [_read_run(aws, job) for job in jobs]
    check_comparable(runs)
    comparisons = [compare(runs[0], run) for run in runs[1:]]
    texts = {}
    if reads and all(run.figures["texts"] for run in runs):
        shown = {
            row
            for one in comparisons
            for rows in (one.only_first, one.only_second)
            for row in evenly(rows, _MOST_TEXTS)
        }
        whole = _read_texts(aws, runs[0], jobs[0]) if shown else []
        texts = {row: excerpt(whole[row - 1]) for row in shown if whole}
    page = render_comparison(runs, comparisons, texts, _MOST_TEXTS)
    for one in comparisons:
        say(_summary(one))
    figures = [
        {
            "training_job_name": one.second.name,
            "differences": one.differences,
            "rows": one.rows,
            "only_first": len(one.only_first),
            "only_second": len(one.only_second),
            "p_value": one.p_value,
        }
        for one in comparisons
    ]
    return page.encode("utf-8"), {"training_job_name": runs[0].name, "compared": figures}


def _summary(one: "Comparison") -> str:
    rows = [("metric", one.first.name, one.second.name, "difference")]
    rows += [
        (name, f"{one.first.metric(name):.4f}", f"{one.second.metric(name):.4f}", f"{change:+.4f}")
        for name, change in one.differences.items()
    ]
    return (
        f"{command.table(rows)}\nOf {one.rows:,} test rows, only the first is right on "
        f"{len(one.only_first):,}, and only the second on {len(one.only_second):,}; "
        f"McNemar's exact test: p = {one.p_value:.3g}."
    )


def _newest_job(aws: Aws, stack: str, recipe: Recipe) -> str:
    """Return the name of a recipe's newest completed job; raise DeploymentError if it has none."""
    if recipe.name == OWN_MODEL:
        raise DeploymentError(
            "a model that you trained elsewhere has no report; for one, train its pipeline with: "
            f"python -m scripts.train --pipeline FILE:FUNCTION --name {recipe.data_name}"
        )
    scope = name_in_stack(stack, recipe.scope)
    query = {"NameContains": scope, "StatusEquals": _COMPLETED, "SortOrder": "Descending"}
    jobs = aws.pages("sagemaker", "list_training_jobs", "TrainingJobSummaries", **query)
    for job in jobs:
        if is_release_of(scope, job["TrainingJobName"]):
            return str(job["TrainingJobName"])
    raise DeploymentError(
        f"recipe {recipe.scope} has no completed training job; start one with: "
        f"{training_command(aws, recipe, stack)}. For the report of a job that tune started, pass "
        "the name of the job"
    )


def _describe_job(aws: Aws, name: str) -> dict[str, Any]:
    """Return the description of a completed job; raise DeploymentError for any other."""
    from scripts.jobs.training_job import find_job  # --help does not need the plans of jobs

    job = find_job(aws, "training job", name)
    status = job["TrainingJobStatus"]
    if status != _COMPLETED:
        reason = f" ({job['FailureReason']})" if job.get("FailureReason") else ""
        raise DeploymentError(
            f"training job {name} is {status}{reason}, and only completed jobs have a report"
        )
    return job


def _output_uri(job: dict[str, Any]) -> str:
    """Return the address of the output of a job, which is next to its model."""
    uri = str(job["ModelArtifacts"]["S3ModelArtifacts"])
    return uri.removesuffix("model.tar.gz") + "output.tar.gz"


def _read_output(aws: Aws, job: dict[str, Any], names: Sequence[str]) -> dict[str, bytes]:
    """Return files of the output of a job; raise DeploymentError if it lacks one."""
    uri = _output_uri(job)
    members = read_members(aws, uri, names)
    if missing := [name for name in names if name not in members]:
        raise DeploymentError(
            f"{uri} has no {missing[0]}: the job was trained with --no-report, by an earlier "
            "release, or by other code. Train again without --no-report, or fetch the report of "
            "another job with: report JOB"
        )
    return members


def _read_run(aws: Aws, job: dict[str, Any]) -> "Run":
    """Return the figures and the predictions of a job; raise DeploymentError if it has others."""
    from newsgroup_classifier.evaluation.report.comparison import parse_run

    members = _read_output(aws, job, (REPORT_FIGURES, PREDICTIONS))
    files = members[REPORT_FIGURES], members[PREDICTIONS]
    try:
        return parse_run(job["TrainingJobName"], *files)
    except ValueError as error:
        raise DeploymentError(
            f"{_output_uri(job)}: {error}; the job ran other code. Train again with this release"
        ) from error


def _read_texts(aws: Aws, run: "Run", job: dict[str, Any]) -> list[str]:
    """Return the texts of the test channel of a job, none if it has images.

    Raise DeploymentError if the channel is not the one that the job was tested with.
    """
    from newsgroup_classifier.channels.texts import TEST_FILE, read_channel

    channels = {each["ChannelName"]: each for each in job.get("InputDataConfig", ())}
    source = channels.get("test", {}).get("DataSource", {}).get("S3DataSource")
    if source is None:
        raise DeploymentError(
            f"job {run.name} has no test channel in S3, so there are no texts to show; pass "
            "--no-texts"
        )
    if channels["test"].get("ContentType") != "text/csv":
        return []
    uri = f"{source['S3Uri'].rstrip('/')}/{TEST_FILE}"
    place, state = location_of(uri), "was deleted"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / TEST_FILE
        if aws.make(Call("s3", "head_object", place), "(404)") is not None:
            aws.client("s3").download_file(place["Bucket"], place["Key"], str(path))
            if sha256_of(path) == run.figures["data"]["test"]["sha256"]:
                return read_channel(path).texts
            state = "has changed"
    raise DeploymentError(
        f"{uri} {state} since job {run.name} was tested with it; upload the same data again, or "
        "pass --no-texts"
    )


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

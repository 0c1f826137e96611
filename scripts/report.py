"""Fetch the report of a training job, or compare jobs that were tested on the same data.

    python -m scripts.report --recipe newsgroups-naive-bayes --open
    python -m scripts.report --compare FIRST-JOB SECOND-JOB

The report is one HTML file that opens offline. It contains texts of the test channel, unless the
job was trained with --no-texts.
"""

import argparse
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.model_archives import location_of
from scripts.account.selection import selected_recipe

if TYPE_CHECKING:
    from newsgroup_classifier.evaluation.report.comparison import Comparison

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
    # They import the recipes, which --help does not need.
    from newsgroup_classifier.evaluation.report import REPORT_PAGE
    from scripts.jobs.reports import describe_job, newest_job, output_uri, read_output

    aws = connect(arguments)
    names = arguments.compare or [arguments.job]
    if arguments.recipe:
        names = [newest_job(aws, arguments.stack, selected_recipe(arguments))]
    jobs = [describe_job(aws, name) for name in names]
    if arguments.dry_run:
        places = (location_of(output_uri(job)) for job in jobs)
        return dry_run([Call("s3", "get_object", place) for place in places])
    if arguments.compare:
        page, result = _compare(aws, jobs, not arguments.no_texts)
        default = Path(f"comparison-{names[0]}.html")
    else:
        page = read_output(aws, jobs[0], (REPORT_PAGE,))[REPORT_PAGE]
        result = {"training_job_name": names[0], "output": output_uri(jobs[0])}
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
    from scripts.jobs.reports import read_run, read_texts

    runs = [read_run(aws, job) for job in jobs]
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
        whole = read_texts(aws, runs[0], jobs[0]) if shown else []
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
            "p_value": one.changes.p_value,
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
        f"McNemar's exact test: p = {one.changes.p_value:.3g}."
    )


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))

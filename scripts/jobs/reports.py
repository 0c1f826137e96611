"""Find the reports of training jobs, and what comparisons of them need."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.evaluation.report import PREDICTIONS, REPORT_FIGURES
from newsgroup_classifier.own_code import OWN_MODEL
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.model_archives import location_of, read_members
from scripts.account.naming import is_release_of, name_in_stack
from scripts.account.stacks import training_command
from scripts.jobs.training_job import find_job

if TYPE_CHECKING:  # a single report needs no comparison, which imports pandas and scipy
    from newsgroup_classifier.evaluation.report.comparison import Run

_COMPLETED = "Completed"


def newest_job(aws: Aws, stack: str, recipe: Recipe) -> str:
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


def describe_job(aws: Aws, name: str) -> dict[str, Any]:
    """Return the description of a completed job; raise DeploymentError for any other."""
    job = find_job(aws, "training job", name)
    status = job["TrainingJobStatus"]
    if status != _COMPLETED:
        reason = f" ({job['FailureReason']})" if job.get("FailureReason") else ""
        raise DeploymentError(
            f"training job {name} is {status}{reason}, and only completed jobs have a report"
        )
    return job


def output_uri(job: dict[str, Any]) -> str:
    """Return the address of the output of a job, which is next to its model."""
    uri = str(job["ModelArtifacts"]["S3ModelArtifacts"])
    return uri.removesuffix("model.tar.gz") + "output.tar.gz"


def read_output(aws: Aws, job: dict[str, Any], names: Sequence[str]) -> dict[str, bytes]:
    """Return files of the output of a job; raise DeploymentError if it lacks one."""
    uri = output_uri(job)
    members = read_members(aws, uri, names)
    if missing := [name for name in names if name not in members]:
        raise DeploymentError(
            f"{uri} has no {missing[0]}: the job was trained with --no-report, by an earlier "
            "release, or by other code. Train again without --no-report, or fetch the report of "
            "another job with: report JOB"
        )
    return members


def read_run(aws: Aws, job: dict[str, Any]) -> "Run":
    """Return the figures and the predictions of a job; raise DeploymentError if it has others."""
    from newsgroup_classifier.evaluation.report.comparison import parse_run

    members = read_output(aws, job, (REPORT_FIGURES, PREDICTIONS))
    files = members[REPORT_FIGURES], members[PREDICTIONS]
    try:
        return parse_run(job["TrainingJobName"], *files)
    except ValueError as error:
        raise DeploymentError(
            f"{output_uri(job)}: {error}; the job ran other code. Train again with this release"
        ) from error


def read_texts(aws: Aws, run: "Run", job: dict[str, Any]) -> list[str]:
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

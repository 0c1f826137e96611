"""Run a tuning job: start it, show its training jobs as they end, and report how it ended."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from newsgroup_classifier.errors import DeploymentError, counted
from newsgroup_classifier.recipe import OBJECTIVE as OBJECTIVE
from scripts.account.aws import Aws, Call
from scripts.account.command import progress_bar, say, table
from scripts.account.creations import ENDS, patiently, started_job
from scripts.jobs.tuning_plans import Search

_MAX_ROWS = 20  # of the table of training jobs
_MAX_REASONS = 3
_MAX_REASON_CHARACTERS = 200
_MAX_DIGITS = 8  # of a number that is shown in full
Trial = Mapping[str, Any]


def run_tuning(
    aws: Aws, call: Call, search: Search, mark: str
) -> tuple[dict[str, Any], list[Trial]]:
    """Run the job of a call; return its description and its training jobs, best first.

    Stop it on Ctrl-C.
    """
    name: str = call.parameters["HyperParameterTuningJobName"]
    advice = f" Another one can learn from its results: --warm-start {name}"
    with started_job(aws, f"Tuning job {name}", call, advice):
        say(f"Tuning job {name}: {pace(search)}.")
        job = _wait(aws, name, search.jobs, mark)
    trials = _trials(aws, name)
    ranked = best_first(trials, job.get("BestTrainingJob", {}).get("TrainingJobName"))
    if ranked:
        say(f"Training jobs by {OBJECTIVE}{mark}:\n{ranking(ranked)}")
    if note := unranked(trials):
        say(note)
    _check(name, job, trials)
    return job, ranked


def pace(search: Search) -> str:
    """Return the number of training jobs in total, and of those at once."""
    return f"{counted(search.jobs, 'training job')}, {search.parallel} at once"


def check_parents(aws: Aws, parents: Sequence[str]) -> None:
    """Raise DeploymentError for a tuning job to learn from that does not exist."""
    for name in parents:
        aws.check_flag("--warm-start", name, "HyperParameterTuningJobName")
        parameters = {"HyperParameterTuningJobName": name}
        call = Call("sagemaker", "describe_hyper_parameter_tuning_job", parameters)
        if aws.make(call, "(ResourceNotFound)") is None:
            raise DeploymentError(
                f"there is no tuning job {name!r} in region {aws.region} to --warm-start from; "
                "expected a name that tune printed as tuning_job_name"
            )


def announce_best(job: Mapping[str, Any]) -> None:
    """Print the best training job, and a better one of an earlier tuning job if there is one."""
    best, overall = job["BestTrainingJob"], job.get("OverallBestTrainingJob")
    say(
        f"The best is {best['TrainingJobName']}: {OBJECTIVE} {objective_of(best):.4f} with "
        f"{_values_of(best)}."
    )
    if overall and overall["TrainingJobName"] != best["TrainingJobName"]:
        say(
            f"{overall['TrainingJobName']} of an earlier tuning job was better: "
            f"{objective_of(overall):.4f} with {_values_of(overall)}."
        )


def _trials(aws: Aws, name: str) -> list[Trial]:
    operation = "list_training_jobs_for_hyper_parameter_tuning_job"
    query = {"HyperParameterTuningJobName": name, "MaxResults": 100}
    return list(aws.pages("sagemaker", operation, "TrainingJobSummaries", **query))


def _wait(aws: Aws, name: str, jobs: int, mark: str) -> dict[str, Any]:
    """Show each training job when it has ended, and a progress bar; return the description."""
    parameters = {"HyperParameterTuningJobName": name}
    describe = Call("sagemaker", "describe_hyper_parameter_tuning_job", parameters)
    progress = Progress(jobs)
    with progress_bar(total=jobs, desc="training jobs") as bar:
        while True:
            job: dict[str, Any] = patiently(aws, partial(aws.make, describe))
            for line in progress.new_lines(patiently(aws, partial(_trials, aws, name))):
                bar.write(f"  {line}{mark}", file=sys.stderr)
                bar.update()
            if job["HyperParameterTuningJobStatus"] in ENDS:
                return job
            aws.pause()


class Progress:
    """The training jobs that were shown, and the best value among them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._names: set[str] = set()
        self._best: float | None = None

    def new_lines(self, trials: Sequence[Trial]) -> list[str]:
        """Return a line for each training job that has ended since the last call."""
        new = [
            trial
            for trial in trials
            if trial["TrainingJobStatus"] in ENDS and trial["TrainingJobName"] not in self._names
        ]
        return [self._line(trial) for trial in sorted(new, key=lambda trial: str(_end(trial)))]

    def _line(self, trial: Trial) -> str:
        self._names.add(trial["TrainingJobName"])
        value = objective_of(trial)
        if value is not None:
            self._best = value if self._best is None else max(self._best, value)
        best = "" if self._best is None else f"  best so far {self._best:.4f}"
        reason = " ".join(trial.get("FailureReason", "").split())
        if len(reason) > _MAX_REASON_CHARACTERS:
            reason = f"{reason[:_MAX_REASON_CHARACTERS]}..."
        return (
            f"{len(self._names)} of {self._jobs}  {_number_of(trial)}  "
            f"{trial['TrainingJobStatus']}  {'no objective' if value is None else f'{value:.4f}'}"
            f"  {_values_of(trial, _rounded)}{best}{f'  because: {reason}' if reason else ''}"
        )


def best_first(trials: Sequence[Trial], best: str | None) -> list[Trial]:
    """Order training jobs that have objectives by them; of equal ones, the best comes first."""

    def place(trial: Trial) -> tuple[float, bool]:
        return -(objective_of(trial) or 0.0), trial["TrainingJobName"] != best

    return sorted((trial for trial in trials if objective_of(trial) is not None), key=place)


def unranked(trials: Sequence[Trial]) -> str:
    """Return how many training jobs have no objective, by status; "" if all have one."""
    counts = Counter(trial["TrainingJobStatus"] for trial in trials if objective_of(trial) is None)
    listing = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return f"Not ranked because they have no objective: {listing}." if listing else ""


def _end(trial: Trial) -> Any:
    return trial.get("TrainingEndTime", trial["CreationTime"])


def objective_of(trial: Trial) -> float | None:
    """Return the value that a training job is ranked by, or None if it has none."""
    final = trial.get("FinalHyperParameterTuningJobObjectiveMetric")
    return None if final is None else float(final["Value"])


def _number_of(trial: Trial) -> str:
    """Return the number of a training job in its tuning job, such as 003 of NAME-003-a1b2c3d4."""
    return str(trial["TrainingJobName"]).rsplit("-", 2)[-2]


def _values_of(trial: Trial, convert: Callable[[str], str] = str) -> str:
    values = sorted(trial["TunedHyperParameters"].items())
    return " ".join(f"{name}={convert(text)}" for name, text in values)


def _rounded(text: str) -> str:
    """Return a long number with four digits, and other values unchanged."""
    try:
        return text if len(text) <= _MAX_DIGITS else f"{float(text):.4g}"
    except ValueError:  # a word
        return text


def ranking(ranked: Sequence[Trial]) -> str:
    """Return the best training jobs as a table."""
    rows = [("  place", "job", "objective", "status", "hyperparameters")]
    rows += [
        (
            f"  {place}",
            _number_of(trial),
            f"{objective_of(trial) or 0.0:.4f}",
            trial["TrainingJobStatus"],
            _values_of(trial, _rounded),
        )
        for place, trial in enumerate(ranked[:_MAX_ROWS], start=1)
    ]
    remainder = len(ranked) - _MAX_ROWS
    return table(rows) + (f"\n  and {remainder} more" if remainder > 0 else "")


def _check(name: str, job: Mapping[str, Any], trials: Sequence[Trial]) -> None:
    status = job["HyperParameterTuningJobStatus"]
    if status == "Completed" and "BestTrainingJob" in job:
        return
    sentences = [job.get("FailureReason") or _reason(status, trials)]
    if best := job.get("BestTrainingJob"):
        sentences.append(f"The best so far was {best['TrainingJobName']} with {_values_of(best)}")
    reasons = dict.fromkeys(
        trial["FailureReason"] for trial in trials if trial.get("FailureReason")
    )
    if reasons:
        sentences.append(f"Training jobs failed: {' | '.join([*reasons][:_MAX_REASONS])}")
    explanation = ". ".join(text.rstrip(".") for text in sentences if text)
    raise DeploymentError(f"tuning job {name} ended as {status}: {explanation}")


def _reason(status: str, trials: Sequence[Trial]) -> str:
    """Return why a tuning job that AWS gives no reason for has no best training job."""
    if status != "Completed":
        return "it was stopped" if status == "Stopped" else ""
    if trials:
        return "none of its training jobs completed with an objective"
    return (
        "it started no training job; earlier tuning jobs may have tried all values of its ranges, "
        "so pass others with --range"
    )

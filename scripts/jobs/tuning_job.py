"""Run a tuning job: start it, show its training jobs as they end, and say how it ended."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import OBJECTIVE
from scripts.account.aws import Aws, Call
from scripts.account.command import say, table
from scripts.account.stopping import stop_job
from scripts.jobs.tuning_plans import TuningPlan, tuning_call

_ENDS = ("Completed", "Failed", "Stopped")
_TRIAL_ENDS = ("Completed", "Failed", "Stopped")
_MOST_ROWS = 20  # of the table of training jobs
_MOST_REASONS = 3
_MOST_SHOWN = 200  # characters of the reason in a line
_DIGITS = 8  # of a number that is shown as it is
Trial = Mapping[str, Any]


def run_tuning(aws: Aws, plan: TuningPlan, mark: str) -> tuple[dict[str, Any], list[Trial]]:
    """Run the job to its end; return its description and its training jobs, the best first.

    Whoever interrupts the wait does not want the job. `mark` tells figures of a generated sample.
    """
    try:
        aws.make(tuning_call(plan))
        say(f"Tuning job {plan.name}: {plan.jobs} training jobs, {plan.parallel} at once.")
        found = _wait(aws, plan, mark)
    except KeyboardInterrupt:
        named = {"HyperParameterTuningJobName": plan.name}
        call = Call("sagemaker", "stop_hyper_parameter_tuning_job", named)
        if stop_job(aws, f"Tuning job {plan.name}", call):
            say(
                f"Tuning job {plan.name} is told to stop. Another one can learn from what it "
                f"found: --warm-start {plan.name}"
            )
        raise
    ranked = _trials(aws, plan.name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    if ranked:
        say(f"Training jobs by {OBJECTIVE}{mark}:\n{ranking(ranked)}")
    if left := unranked(_trials(aws, plan.name)):
        say(left)
    _check(aws, plan.name, found)
    return found, ranked


def check_parents(aws: Aws, parents: Sequence[str]) -> None:
    """Raise DeploymentError for a tuning job to learn from that is not there."""
    client = aws.client("sagemaker")
    for name in parents:
        try:
            client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        except client.exceptions.ResourceNotFound as error:
            raise DeploymentError(
                f"there is no tuning job {name!r} in region {aws.region} to --warm-start from; "
                "expected a name that tune printed as tuning_job_name"
            ) from error


def _trials(aws: Aws, name: str, **sorting: str) -> list[Trial]:
    return list(
        aws.pages(
            "sagemaker",
            "list_training_jobs_for_hyper_parameter_tuning_job",
            "TrainingJobSummaries",
            HyperParameterTuningJobName=name,
            MaxResults=100,
            **sorting,
        )
    )


def _wait(aws: Aws, plan: TuningPlan, mark: str) -> dict[str, Any]:
    """Show each training job when it has ended, and a bar of all; return the job's description."""
    client, shown = aws.client("sagemaker"), Shown(plan.jobs)
    with _bar(plan.jobs) as bar:
        while True:
            found: dict[str, Any] = client.describe_hyper_parameter_tuning_job(
                HyperParameterTuningJobName=plan.name
            )
            for line in shown.new_lines(_trials(aws, plan.name)):
                bar.write(f"  {line}{mark}", file=sys.stderr)
                bar.update()
            if found["HyperParameterTuningJobStatus"] in _ENDS:
                return found
            aws.pause()


def _bar(jobs: int) -> Any:
    """Return a bar of training jobs; none is drawn where nobody looks at a terminal."""
    from tqdm import tqdm  # --help needs none

    return tqdm(total=jobs, desc="training jobs", file=sys.stderr, leave=False, disable=None)


class Shown:
    """Which training jobs were shown, and the best value among them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._names: set[str] = set()
        self._best: float | None = None

    def new_lines(self, trials: Sequence[Trial]) -> list[str]:
        """Return a line for each training job that has ended since the last look."""
        ended = [trial for trial in trials if trial["TrainingJobStatus"] in _TRIAL_ENDS]
        new = [trial for trial in ended if trial["TrainingJobName"] not in self._names]
        return [self._line(trial) for trial in sorted(new, key=lambda trial: str(_end(trial)))]

    def _line(self, trial: Trial) -> str:
        self._names.add(trial["TrainingJobName"])
        value = objective_of(trial)
        if value is not None:
            self._best = value if self._best is None else max(self._best, value)
        best = "" if self._best is None else f"  best so far {self._best:.4f}"
        return (
            f"{len(self._names)} of {self._jobs}  {number_of(trial)}  "
            f"{trial['TrainingJobStatus']}  {'no objective' if value is None else f'{value:.4f}'}"
            f"  {_briefly(trial)}{best}{_reason(trial)}"
        )


def _reason(trial: Trial) -> str:
    """Return why a training job failed, in one line, to be put behind its own."""
    text = " ".join(trial.get("FailureReason", "").split())
    shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
    return f"  because: {shown}" if shown else ""


def unranked(trials: Sequence[Trial]) -> str:
    """Return how many training jobs have no objective, by how they ended; "" if all have one."""
    counts = Counter(trial["TrainingJobStatus"] for trial in trials if objective_of(trial) is None)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return f"Without an objective, so not ranked: {told}." if told else ""


def _end(trial: Trial) -> Any:
    return trial.get("TrainingEndTime", trial["CreationTime"])


def objective_of(trial: Trial) -> float | None:
    """Return the value that a training job is ranked by, if it has one."""
    final = trial.get("FinalHyperParameterTuningJobObjectiveMetric")
    return None if final is None else float(final["Value"])


def number_of(trial: Trial) -> str:
    """Return the number of a training job in its tuning job: NAME-003-a1b2c3d4 has 003."""
    return str(trial["TrainingJobName"]).rsplit("-", 2)[-2]


def settings(trial: Trial) -> str:
    """Return the tuned hyperparameters as --set takes them."""
    tuned = trial["TunedHyperParameters"]
    return " ".join(f"{name}={text}" for name, text in sorted(tuned.items()))


def _briefly(trial: Trial) -> str:
    """Return the tuned hyperparameters, numbers with the four digits that tell them apart."""
    tuned = {name: _rounded(text) for name, text in trial["TunedHyperParameters"].items()}
    return settings({"TunedHyperParameters": tuned})


def _rounded(text: str) -> str:
    try:
        return text if len(text) <= _DIGITS else f"{float(text):.4g}"
    except ValueError:  # a word
        return text


def ranking(ranked: Sequence[Trial]) -> str:
    """Return the best training jobs as a table."""
    rows = [("  place", "job", "objective", "status", "hyperparameters")]
    rows += [
        (
            f"  {place}",
            number_of(trial),
            f"{objective_of(trial) or 0.0:.4f}",
            trial["TrainingJobStatus"],
            _briefly(trial),
        )
        for place, trial in enumerate(ranked[:_MOST_ROWS], start=1)
    ]
    left = len(ranked) - _MOST_ROWS
    return table(rows) + (f"\n  and {left} more" if left > 0 else "")


def _check(aws: Aws, name: str, found: Mapping[str, Any]) -> None:
    """Raise DeploymentError unless the job completed and has a best training job."""
    status = found["HyperParameterTuningJobStatus"]
    if status == "Completed" and "BestTrainingJob" in found:
        return
    told = [found.get("FailureReason") or ("it was stopped" if status == "Stopped" else "")]
    if best := found.get("BestTrainingJob"):
        told.append(f"The best so far was {best['TrainingJobName']} with {settings(best)}")
    reasons = dict.fromkeys(
        trial["FailureReason"] for trial in _trials(aws, name) if trial.get("FailureReason")
    )
    if reasons:
        told.append(f"Training jobs failed of: {' | '.join([*reasons][:_MOST_REASONS])}")
    why = ". ".join(text.rstrip(".") for text in told if text)
    raise DeploymentError(f"tuning job {name} ended as {status}: {why}")

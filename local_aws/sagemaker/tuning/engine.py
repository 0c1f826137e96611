"""Run a tuning job: choose candidates, start and stop training jobs, and apply the limits."""

import secrets
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from local_aws.processes import closing
from local_aws.records import Record
from local_aws.sagemaker.errors import failure_reason_of
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.tuning.definitions import read_definition
from local_aws.sagemaker.tuning.parents import as_candidate, parent_trials
from local_aws.sagemaker.tuning.samplers import History, new_sampler
from local_aws.sagemaker.tuning.trials import (
    RUNNING,
    Limits,
    Trial,
    failure_reason,
    limits_of,
    running_names,
    summaries,
    value_of,
)

_LOOK_SECONDS = 0.1


class TrainingJobs(Protocol):
    """Starts and stops the training jobs of a tuning job."""

    def start(self, region: Region, request: Record, tuning_job_arn: str) -> None:
        """Start a training job."""

    def stop(self, region: Region, name: str) -> None:
        """Stop a training job if it is still running."""


@dataclass(frozen=True)
class Clock:
    """Functions that return the time in seconds, and wait."""

    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


_CLOCK = Clock()


class Tuning:
    """A running tuning job."""

    def __init__(
        self, region: Region, name: str, jobs: TrainingJobs, clock: Clock = _CLOCK
    ) -> None:
        self._region, self._name, self._jobs, self._clock = region, name, jobs, clock
        self._record = region.tuning_jobs.get(name)
        self._config = self._record["HyperParameterTuningJobConfig"]
        self._definition = read_definition(self._record)
        self._limits: Limits = limits_of(self._config, self._definition)
        self._deadline = clock.now() + self._limits.seconds
        self._checked: dict[str, int] = {}  # training job -> epochs checked for early stopping
        seed = self._config.get("RandomSeed", secrets.randbelow(2**31))
        self._propose = new_sampler(self._config["Strategy"], self._definition.space, seed)
        self._exhausted = False
        self._inherited = [  # from the parents, with their values
            (candidate, value)
            for trial, value in parent_trials(region, self._record)
            if (candidate := as_candidate(trial, self._definition)) is not None
        ]

    def run(self) -> None:
        """Run until the tuning job is over and none of its training jobs is running."""
        while not closing():
            trials = summaries(self._region, self._name)
            if self._is_over(trials):
                reason = failure_reason(trials, at_the_end=True)
                _end(self._region, self._name, "Failed" if reason else "Completed", reason)
                return
            self._stop_hopeless(trials)
            self._start_more(trials)
            self._clock.pause(_LOOK_SECONDS)

    @property
    def _stopping(self) -> bool:
        return self._region.is_stopping("HyperParameterTuning", self._name)

    def _trials(self) -> list[Trial]:
        with self._region.lock:
            return list(self._region.trials.get(self._name, []))

    @property
    def _started(self) -> int:
        """The number of training jobs so far, including those that somebody has deleted."""
        return len(self._trials())

    def _is_over(self, trials: list[Record]) -> bool:
        """Return whether no job runs or will run; stop the running ones if a criterion is met."""
        running = running_names(trials)
        overdue = self._clock.now() >= self._deadline
        if self._stopping or overdue or self._limits.is_met(trials):
            for name in running:
                self._jobs.stop(self._region, name)
            return not running
        all_started = self._exhausted or self._started >= self._limits.jobs
        return (all_started or bool(failure_reason(trials))) and not running

    def _start_more(self, trials: list[Record]) -> None:
        free = self._limits.at_once - len(running_names(trials))
        numbers = range(self._started + 1, self._limits.jobs + 1)
        for number in numbers[: max(free, 0)]:
            if closing() or failure_reason(trials) or self._stopping or not self._start(number):
                return

    def _start(self, number: int) -> bool:
        """Start a training job with the next candidate; return False if there is none."""
        candidate = None if self._exhausted else self._propose(self._history())
        if candidate is None:
            self._exhausted = True
            return False
        name = f"{self._name}-{number:03d}-{secrets.token_hex(4)}"
        trial = Trial(name, self._definition, candidate)
        with self._region.lock:
            self._region.metric_watchers[name] = trial.watch
            self._region.trials.setdefault(self._name, []).append(trial)
        request = self._definition.job_request(name, candidate)
        arn = self._record["HyperParameterTuningJobArn"]
        if tags := self._region.tags_of(arn):
            request["Tags"] = [{"Key": key, "Value": text} for key, text in tags.items()]
        self._jobs.start(self._region, request, arn)
        return True

    def _history(self) -> History:
        """Return the candidates of this tuning job and its parents."""
        finals = {item["TrainingJobName"]: item for item in summaries(self._region, self._name)}
        tried = [candidate for candidate, _ in self._inherited]
        values = [pair for pair in self._inherited if pair[1] is not None]
        running = []
        for trial in self._trials():
            tried.append(trial.candidate)
            item = finals.get(trial.name)
            if item is None:
                continue  # it was deleted
            if item["TrainingJobStatus"] in RUNNING:
                running.append(trial.candidate)
            else:
                values.append((trial.candidate, value_of(item)))
        loss = self._definition.objective.loss
        observed = [(candidate, loss(value)) for candidate, value in values if value is not None]
        return History(observed, running, tried)

    def _stop_hopeless(self, jobs: list[Record]) -> None:
        """Stop training jobs that are worse than the completed ones, if early stopping is on."""
        if self._config.get("TrainingJobEarlyStoppingType", "Off") != "Auto":
            return
        states = {item["TrainingJobName"]: item["TrainingJobStatus"] for item in jobs}
        trials = self._trials()
        for trial in trials:
            if states.get(trial.name) != "InProgress":
                continue
            others = [one.values for one in trials if states.get(one.name) == "Completed"]
            values, maximize = list(trial.values), self._definition.objective.maximize
            epochs = range(self._checked.get(trial.name, 0) + 1, len(values) + 1)
            self._checked[trial.name] = len(values)
            if any(is_hopeless(values[:epoch], others, maximize) for epoch in epochs):
                self._jobs.stop(self._region, trial.name)


def is_hopeless(values: Sequence[float], others: Sequence[Sequence[float]], maximize: bool) -> bool:
    """Return whether the last of a job's objective values is worse than those of earlier jobs.

    `values` has one value per epoch. The last one is compared with the median of the others' means
    up to the same epoch, for those that reached it.
    """
    epoch = len(values)
    reached = [other for other in others if len(other) >= epoch > 0]
    means = [statistics.fmean(other[:epoch]) for other in reached]
    if not means:
        return False
    median = statistics.median(means)
    return values[-1] < median if maximize else values[-1] > median


def run_tuning_job(region: Region, name: str, jobs: TrainingJobs) -> None:
    """Run a recorded tuning job until it is Completed, Failed, or Stopped; never raise."""
    try:
        Tuning(region, name, jobs).run()
    except Exception as error:
        _give_up(region, name, jobs, failure_reason_of(error, f"The tuning job {name}"))


def _give_up(region: Region, name: str, jobs: TrainingJobs, reason: str) -> None:
    """Stop the training jobs of a tuning job that cannot continue, and record its failure."""
    while not closing():
        running = running_names(summaries(region, name))
        if not running:
            _end(region, name, "Failed", reason)
            return
        for job in running:
            jobs.stop(region, job)
        time.sleep(_LOOK_SECONDS)


def _end(region: Region, name: str, status: str, reason: str = "") -> None:
    """Record how a tuning job ended, whose metrics need not be watched any longer."""
    with region.lock:
        for trial in region.trials.get(name, []):
            region.metric_watchers.pop(trial.name, None)
        region.end_job("HyperParameterTuning", name, status, FailureReason=reason or None)

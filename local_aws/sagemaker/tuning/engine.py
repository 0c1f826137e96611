"""Run one tuning job: choose candidates, keep so many training jobs going, and end it in time."""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from local_aws.errors import JobFailure, ServiceError
from local_aws.processes import closing
from local_aws.records import Record, now
from local_aws.region import Region
from local_aws.sagemaker.tuning.definitions import Definition, read_definitions
from local_aws.sagemaker.tuning.early_stopping import is_hopeless
from local_aws.sagemaker.tuning.limits import Limits, failure_reason, limits_of
from local_aws.sagemaker.tuning.parents import as_candidate, parent_trials
from local_aws.sagemaker.tuning.ranges import Candidate
from local_aws.sagemaker.tuning.samplers import History, new_sampler
from local_aws.sagemaker.tuning.trials import RUNNING, Trial, summaries, value_of

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.1


class TrainingJobs(Protocol):
    """How the training jobs of a tuning job are started and stopped."""

    def start(self, region: Region, request: Record, tuning_job_arn: str) -> None:
        """Start a training job."""

    def stop(self, region: Region, name: str) -> None:
        """Ask a training job to end, if it still runs."""


@dataclass(frozen=True)
class Clock:
    """What tells the time in seconds, and how to let some pass."""

    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


_CLOCK = Clock()


@dataclass
class _Search:
    """One definition, what chooses its candidates, and what its parents tried."""

    definition: Definition
    propose: Callable[[History], Candidate | None]
    known: list[tuple[Candidate, float | None]]
    exhausted: bool = False


class Tuning:
    """A tuning job that runs."""

    def __init__(
        self,
        region: Region,
        name: str,
        jobs: TrainingJobs,
        clock: Clock = _CLOCK,
    ) -> None:
        self._region, self._name, self._jobs, self._clock = region, name, jobs, clock
        self._record = region.tuning_jobs.get(name)
        self._config = self._record["HyperParameterTuningJobConfig"]
        self._definitions = read_definitions(self._record)
        self._limits: Limits = limits_of(self._config, self._definitions)
        self._deadline = clock.now() + self._limits.seconds
        self._checked: dict[str, int] = {}  # training job -> epochs looked at for early stopping
        seed = self._config.get("RandomSeed", secrets.randbelow(2**31))
        self._searches = [
            self._search(definition, seed + place)
            for place, definition in enumerate(self._definitions)
        ]

    def _search(self, definition: Definition, seed: int) -> _Search:
        sampler = new_sampler(self._config["Strategy"], definition.space, seed)
        known = []
        for trial, value in parent_trials(self._region, self._record):
            candidate = as_candidate(trial, definition)
            if candidate is not None:
                known.append((candidate, value))
        return _Search(definition, sampler.propose, known)

    def run(self) -> None:
        """Go on until the job is over and no training job of it runs."""
        while not closing():
            found = summaries(self._region, self._name)
            if self._is_over(found):
                reason = failure_reason(found, at_the_end=True)
                _end(self._region, self._name, "Failed" if reason else "Completed", reason)
                return
            self._stop_hopeless(found)
            self._start_more(found)
            self._clock.pause(_LOOK_SECONDS)

    @property
    def _stopping(self) -> bool:
        status = self._region.tuning_jobs.get(self._name)["HyperParameterTuningJobStatus"]
        return bool(status == "Stopping")

    def _trials(self) -> list[Trial]:
        with self._region.lock:
            return list(self._region.trials.get(self._name, []))

    def _is_over(self, found: list[Record]) -> bool:
        """Tell whether nothing runs or will; stop what runs once a criterion is met."""
        running = [item for item in found if item["TrainingJobStatus"] in RUNNING]
        if self._stopping or self._is_complete(found):
            for item in running:
                self._jobs.stop(self._region, item["TrainingJobName"])
            return not running
        return not running and not self._may_start(found)

    def _is_complete(self, found: list[Record]) -> bool:
        """Tell whether a criterion of completion is met."""
        return self._clock.now() >= self._deadline or self._limits.is_met(found)

    def _may_start(self, found: list[Record]) -> bool:
        """Tell whether another training job may be started once there is room for it."""
        left = any(not search.exhausted for search in self._searches)
        return left and len(found) < self._limits.jobs and not failure_reason(found)

    def _start_more(self, found: list[Record]) -> None:
        """Start training jobs while there is room for them."""
        room = sum(item["TrainingJobStatus"] in RUNNING for item in found)
        number = len(found)
        while room < self._limits.at_once and number < self._limits.jobs and not closing():
            if failure_reason(found) or self._stopping:
                return
            if not self._start(number + 1):
                return
            room, number = room + 1, number + 1

    def _start(self, number: int) -> bool:
        """Start a training job of the next definition that has a candidate left."""
        for turn in range(len(self._searches)):
            search = self._searches[(number - 1 + turn) % len(self._searches)]
            candidate = None if search.exhausted else search.propose(self._history(search))
            if candidate is None:
                search.exhausted = True
                continue
            name = f"{self._name}-{number:03d}-{secrets.token_hex(4)}"
            trial = Trial(name, search.definition, candidate)
            with self._region.lock:
                self._region.metric_watchers[name] = trial.watch
                self._region.trials.setdefault(self._name, []).append(trial)
            request = search.definition.job_request(name, candidate)
            if tags := self._region.tags_of(self._record["HyperParameterTuningJobArn"]):
                request["Tags"] = [{"Key": key, "Value": text} for key, text in tags.items()]
            self._jobs.start(self._region, request, self._record["HyperParameterTuningJobArn"])
            return True
        return False

    def _history(self, search: _Search) -> History:
        """Return what was tried of one definition, here and by the parents."""
        finals = {item["TrainingJobName"]: item for item in summaries(self._region, self._name)}
        tried = [candidate for candidate, _ in search.known]
        values = [pair for pair in search.known if pair[1] is not None]
        running = []
        for trial in self._trials():
            item = finals.get(trial.name)
            if trial.definition is not search.definition or item is None:
                continue
            tried.append(trial.candidate)
            if item["TrainingJobStatus"] in RUNNING:
                running.append(trial.candidate)
            else:
                values.append((trial.candidate, value_of(item)))
        loss = search.definition.objective.loss
        observed = [(candidate, loss(value)) for candidate, value in values if value is not None]
        return History(observed, running, tried)

    def _stop_hopeless(self, found: list[Record]) -> None:
        """Stop training jobs that do worse than those that completed, if that is asked for."""
        if self._config.get("TrainingJobEarlyStoppingType", "Off") != "Auto":
            return
        states = {item["TrainingJobName"]: item["TrainingJobStatus"] for item in found}
        trials = self._trials()
        for trial in trials:
            if states.get(trial.name) != "InProgress":
                continue
            others = [
                other.values
                for other in trials
                if states.get(other.name) == "Completed" and other.definition is trial.definition
            ]
            values, maximize = trial.values, trial.definition.objective.maximize
            epochs = range(self._checked.get(trial.name, 0) + 1, len(values) + 1)
            self._checked[trial.name] = len(values)
            if any(is_hopeless(values[:epoch], others, maximize) for epoch in epochs):
                self._jobs.stop(self._region, trial.name)


def run_tuning_job(region: Region, name: str, jobs: TrainingJobs) -> None:
    """Carry a recorded tuning job to Completed, Failed or Stopped; never raises."""
    try:
        Tuning(region, name, jobs).run()
    except (JobFailure, ServiceError) as failure:
        _give_up(region, name, jobs, str(failure))
    except Exception:
        log.exception("tuning job %s", name)
        _give_up(region, name, jobs, "InternalServerError: see the local AWS's log")


def _give_up(region: Region, name: str, jobs: TrainingJobs, reason: str) -> None:
    """End a job that cannot go on, once its training jobs have ended."""
    while not closing():
        running = [
            item["TrainingJobName"]
            for item in summaries(region, name)
            if item["TrainingJobStatus"] in RUNNING
        ]
        if not running:
            _end(region, name, "Failed", reason)
            return
        for job in running:
            jobs.stop(region, job)
        time.sleep(_LOOK_SECONDS)


def _end(region: Region, name: str, status: str, reason: str = "") -> None:
    """Record how a job ended; a stop that came while its last training job ended is obeyed."""
    with region.lock:
        for trial in region.trials.get(name, []):
            region.metric_watchers.pop(trial.name, None)
        if region.tuning_jobs.get(name)["HyperParameterTuningJobStatus"] == "Stopping":
            status, reason = "Stopped", ""
        region.tuning_jobs.update(
            name,
            HyperParameterTuningJobStatus=status,
            HyperParameterTuningEndTime=now(),
            FailureReason=reason or None,
        )

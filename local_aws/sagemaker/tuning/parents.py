"""Warm starts: a tuning job uses the results of earlier ones, within AWS's restrictions."""

from collections.abc import Iterator, Mapping
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.tuning.definitions import Definition, read_definition
from local_aws.sagemaker.tuning.ranges import Candidate, Categories
from local_aws.sagemaker.tuning.trials import Trial, summaries, value_of

ENDS = ("Completed", "Stopped", "Failed")
IDENTICAL = "IdenticalDataAndAlgorithm"
_MAX_CHANGES = 10


def parent_names(request: Record) -> list[str]:
    """Return the names of the parents of a request, or [] for a cold start."""
    parents = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    return [parent.get("HyperParameterTuningJobName", "") for parent in parents]


def check_parents(region: Region, request: Record, definition: Definition) -> None:
    """Raise ValidationError unless a tuning job may start from its parents."""
    names = parent_names(request)
    if not names:
        return
    strategy = request["HyperParameterTuningJobConfig"]["Strategy"]
    if strategy == "Grid":
        raise not_reproduced("a warm start with the Grid strategy, which does not use parents")
    if len(set(names)) < len(names):
        raise ValidationError("The same parent tuning job is named twice.")
    for name in names:
        if name not in region.tuning_jobs:
            raise ValidationError(f"The parent hyperparameter tuning job {name!r} does not exist.")
        parent = region.tuning_jobs.get(name)
        if parent["HyperParameterTuningJobStatus"] not in ENDS:
            raise ValidationError(
                f"The parent hyperparameter tuning job {name} is "
                f"{parent['HyperParameterTuningJobStatus']}; expected one that has ended."
            )
        old = read_definition(parent)
        _compare(name, old, definition)
        if request["WarmStartConfig"]["WarmStartType"] == IDENTICAL:
            _check_identical(name, old.request, definition.request)


def _compare(parent: str, old: Definition, new: Definition) -> None:
    """Raise ValidationError if a restriction of all warm starts is violated."""
    if old.objective != new.objective:
        raise ValidationError(
            f"The objective of the parent {parent} is {old.objective.metric}; a warm start needs "
            "the same metric and type."
        )
    counts = [len(one.space) + len(one.static) for one in (old, new)]
    if counts[0] != counts[1]:
        raise ValidationError(
            f"The parent {parent} has {counts[0]} hyperparameters, tunable and static together, "
            f"and the new job has {counts[1]}; a warm start needs the same number."
        )
    kinds = {dimension.name: _kind(dimension) for dimension in old.space}
    for dimension in new.space:
        if kinds.get(dimension.name, _kind(dimension)) != _kind(dimension):
            raise ValidationError(
                f"The hyperparameter {dimension.name} is {kinds[dimension.name]} in the parent "
                f"{parent} and {_kind(dimension)} in the new job; its type must not change."
            )
    changes = _changes(old, new)
    if changes > _MAX_CHANGES:
        raise ValidationError(
            f"Static hyperparameters of the new job have {changes} changes from the parent "
            f"{parent}; the maximum is {_MAX_CHANGES}."
        )


def _changes(old: Definition, new: Definition) -> int:
    """Count changes as AWS does: the old and new values of hyperparameters that are now static."""
    count = 0
    for dimension in old.space:
        if dimension.name in new.static:
            count += int(dimension.size) if isinstance(dimension, Categories) else 1
    return count + sum(
        2 for name, value in old.static.items() if new.static.get(name, value) != value
    )


def _kind(dimension: Any) -> str:
    if isinstance(dimension, Categories):
        return "categorical"
    return "integer" if dimension.whole else "continuous"


def _check_identical(parent: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    same = old.get("InputDataConfig") == new.get("InputDataConfig")
    images = [one["AlgorithmSpecification"].get("TrainingImage") for one in (old, new)]
    if not same or images[0] != images[1]:
        raise ValidationError(
            f"The new job has a different training image or data than its parent {parent}, which a "
            f"warm start of type {IDENTICAL} does not allow. Use TransferLearning."
        )


def parent_trials(region: Region, request: Record) -> Iterator[tuple[Trial, float | None]]:
    """Yield the training jobs of a tuning job's parents, with their final values."""
    for name in parent_names(request):
        with region.lock:
            trials: dict[str, Trial] = {trial.name: trial for trial in region.trials.get(name, [])}
        for item in summaries(region, name):
            yield trials[item["TrainingJobName"]], value_of(item)


def as_candidate(trial: Trial, new: Definition) -> Candidate | None:
    """Return the hyperparameters of a parent's training job as a candidate of a new definition.

    Return None if it is outside the ranges, or differs in a hyperparameter that is now static.
    """
    values = {**trial.definition.static, **trial.candidate}
    if any(new.static.get(name, value) != value for name, value in trial.candidate.items()):
        return None
    if not all(dim.name in values and dim.has(values[dim.name]) for dim in new.space):
        return None
    return {dim.name: values[dim.name] for dim in new.space}

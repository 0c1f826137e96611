"""Warm start: what earlier tuning jobs tried is known to a new one, within AWS's restrictions."""

from collections.abc import Iterator, Mapping
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.region import Region
from local_aws.sagemaker.tuning.definitions import Definition, read_definitions
from local_aws.sagemaker.tuning.ranges import Candidate, Categories
from local_aws.sagemaker.tuning.trials import Trial, summaries, value_of

ENDS = ("Completed", "Stopped", "Failed")
IDENTICAL = "IdenticalDataAndAlgorithm"
_MOST_CHANGES = 10


def parent_names(request: Record) -> list[str]:
    """Return the names of the parents that a request starts from; [] for a cold start."""
    parents = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    return [parent.get("HyperParameterTuningJobName", "") for parent in parents]


def check_parents(region: Region, request: Record, definitions: list[Definition]) -> None:
    """Raise ValidationError unless a tuning job may start from its parents."""
    names = parent_names(request)
    if not names:
        return
    if len(definitions) > 1:
        raise not_reproduced("a warm start of several TrainingJobDefinitions")
    strategy = request["HyperParameterTuningJobConfig"]["Strategy"]
    if strategy == "Grid":
        raise not_reproduced("a warm start of the Grid strategy, which learns nothing of parents")
    if len(set(names)) < len(names):
        raise ValidationError("A parent tuning job is named twice.")
    for name in names:
        if name not in region.tuning_jobs:
            raise ValidationError(f"The parent hyperparameter tuning job {name!r} does not exist.")
        parent = region.tuning_jobs.get(name)
        if parent["HyperParameterTuningJobStatus"] not in ENDS:
            raise ValidationError(
                f"The parent hyperparameter tuning job {name} is "
                f"{parent['HyperParameterTuningJobStatus']}; expected one that ended."
            )
        old = read_definitions(parent)
        if len(old) > 1:
            raise not_reproduced("a warm start from a parent of several TrainingJobDefinitions")
        _compare(name, old[0], definitions[0])
        if request["WarmStartConfig"]["WarmStartType"] == IDENTICAL:
            _check_identical(name, old[0].request, definitions[0].request)


def _compare(parent: str, old: Definition, new: Definition) -> None:
    """Check the restrictions of every warm start."""
    if old.objective != new.objective:
        raise ValidationError(
            f"The objective of the parent {parent} is {old.objective.metric}; a warm start needs "
            "the same metric and type."
        )
    counts = [len(one.space) + len(one.static) for one in (old, new)]
    if counts[0] != counts[1]:
        raise ValidationError(
            f"The parent {parent} has {counts[0]} hyperparameters, tunable and static together, "
            f"and the new job {counts[1]}; a warm start needs as many."
        )
    kinds = {dimension.name: _kind(dimension) for dimension in old.space}
    for dimension in new.space:
        if kinds.get(dimension.name, _kind(dimension)) != _kind(dimension):
            raise ValidationError(
                f"The hyperparameter {dimension.name} is {kinds[dimension.name]} in the parent "
                f"{parent} and {_kind(dimension)} in the new job; its type must not change."
            )
    changes = _changes(old, new)
    if changes > _MOST_CHANGES:
        raise ValidationError(
            f"There are {changes} changes of hyperparameters from the parent {parent} that are "
            f"static now; at most {_MOST_CHANGES} are taken."
        )


def _changes(old: Definition, new: Definition) -> int:
    """Count changes as AWS does: each value that a hyperparameter that is static now had or has."""
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
            f"The data or the training image of the parent {parent} differ from the new job's; a "
            f"warm start of the type {IDENTICAL} needs the same. TransferLearning takes others."
        )


def parent_trials(region: Region, request: Record) -> Iterator[tuple[Trial, float | None]]:
    """Yield the training jobs of a tuning job's parents, with the final values they reached."""
    for name in parent_names(request):
        with region.lock:
            trials: dict[str, Trial] = {trial.name: trial for trial in region.trials.get(name, [])}
        for item in summaries(region, name):
            yield trials[item["TrainingJobName"]], value_of(item)


def as_candidate(trial: Trial, new: Definition) -> Candidate | None:
    """Return what a parent's training job tried as a candidate of the new definition.

    None if it lies outside the ranges, or had another value of a hyperparameter that is static now.
    """
    given = {**trial.definition.static, **trial.candidate}
    for name in trial.candidate:
        if name in new.static and new.static[name] != given[name]:
            return None
    inside = [
        dimension.name in given and dimension.has(given[dimension.name]) for dimension in new.space
    ]
    return {dim.name: given[dim.name] for dim in new.space} if all(inside) else None

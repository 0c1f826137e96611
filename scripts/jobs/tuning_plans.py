"""The plan of a tuning job, and its request as a pure function of the plan."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval, SearchSpace
from scripts.account.aws import Call
from scripts.account.naming import recipe_tags
from scripts.jobs.training_plans import (
    TrainingPlan,
    hyperparameters_as_text,
    job_definition,
    value_as_text,
)

STRATEGIES = {"grid": "Grid", "random": "Random", "bayesian": "Bayesian"}
IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"


@dataclass(frozen=True)
class Search:
    """The space of a search, the values of the other hyperparameters, and its limits."""

    space: SearchSpace
    hyperparameters: Hyperparameters
    strategy: str
    jobs: int
    parallel: int
    early_stopping: bool = False
    parents: Sequence[str] = ()  # tuning jobs to learn from
    transfer: bool = False  # whether these may have other data or code
    stop_at: float | None = None  # the objective at which the search ends


def tuning_call(name: str, training: TrainingPlan, search: Search) -> Call:
    """Return the call that starts a tuning job of a name, whose training jobs share a plan."""
    varied = {part.name for part in search.space}
    static = hyperparameters_as_text(training)
    definition = job_definition(training) | {
        "StaticHyperParameters": {name: text for name, text in static.items() if name not in varied}
    }
    parameters = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": _config(search),
        "TrainingJobDefinition": definition,
        "Tags": recipe_tags(training.stack, training.recipe),
    }
    if search.parents:
        parameters["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [
                {"HyperParameterTuningJobName": parent} for parent in search.parents
            ],
            "WarmStartType": TRANSFER if search.transfer else IDENTICAL,
        }
    return Call("sagemaker", "create_hyper_parameter_tuning_job", parameters)


def _config(search: Search) -> dict[str, Any]:
    config: dict[str, Any] = {
        "Strategy": STRATEGIES[search.strategy],
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": OBJECTIVE},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": search.jobs,
            "MaxParallelTrainingJobs": search.parallel,
        },
        "ParameterRanges": parameter_ranges(search.space),
        "TrainingJobEarlyStoppingType": "Auto" if search.early_stopping else "Off",
        "RandomSeed": _seed(search.parents),
    }
    if search.stop_at is not None:
        config["TuningJobCompletionCriteria"] = {"TargetObjectiveMetricValue": search.stop_at}
    return config


def _seed(parents: Sequence[str]) -> int:
    """Return the seed of the strategy: one that learns from others does not draw their values."""
    return zlib.crc32(" ".join(parents).encode()) % 2**31


def parameter_ranges(space: SearchSpace) -> dict[str, list[Mapping[str, Any]]]:
    """Return a search space as SageMaker's ranges; a list of values becomes a category."""
    ranges: dict[str, list[Mapping[str, Any]]] = {}
    for part in space:
        if isinstance(part, Choices):
            values = [value_as_text(part.name, value) for value in part.values]
            choices = {"Name": part.name, "Values": values}
            ranges.setdefault("CategoricalParameterRanges", []).append(choices)
        else:
            kind = "IntegerParameterRanges" if part.whole else "ContinuousParameterRanges"
            ranges.setdefault(kind, []).append(_interval(part))
    return ranges


def _interval(part: Interval) -> dict[str, str]:
    ends = (part.lowest, part.highest)
    low, high = (str(int(end)) if part.whole else repr(end) for end in ends)
    scale = "Logarithmic" if part.scale == LOGARITHMIC else "Linear"
    return {"Name": part.name, "MinValue": low, "MaxValue": high, "ScalingType": scale}

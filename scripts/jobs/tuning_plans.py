"""The plan of a tuning job, and its request as a pure function of the plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
_SEED = 0  # of the strategy; equal searches try equal values if jobs end in the same order


@dataclass(frozen=True)
class TuningPlan:
    """A training job of a recipe, and the hyperparameters that a tuning job varies.

    `parents` are tuning jobs to learn from, on other data or code if `transfer` is set. The search
    ends once the objective reaches `stop_at`.
    """

    name: str
    training: TrainingPlan
    space: SearchSpace
    strategy: str
    jobs: int
    parallel: int
    early_stopping: bool = False
    parents: tuple[str, ...] = ()
    transfer: bool = False
    stop_at: float | None = None


def tuning_call(plan: TuningPlan) -> Call:
    """Return the call that starts the tuning job."""
    varied = {part.name for part in plan.space}
    static = hyperparameters_as_text(plan.training)
    definition = job_definition(plan.training) | {
        "StaticHyperParameters": {
            name: text for name, text in static.items() if name not in varied
        },
    }
    parameters = {
        "HyperParameterTuningJobName": plan.name,
        "HyperParameterTuningJobConfig": _config(plan),
        "TrainingJobDefinition": definition,
        "Tags": recipe_tags(plan.training.recipe.name),
    }
    if plan.parents:
        parameters["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [
                {"HyperParameterTuningJobName": parent} for parent in plan.parents
            ],
            "WarmStartType": TRANSFER if plan.transfer else IDENTICAL,
        }
    return Call("sagemaker", "create_hyper_parameter_tuning_job", parameters)


def _config(plan: TuningPlan) -> dict[str, Any]:
    config: dict[str, Any] = {
        "Strategy": STRATEGIES[plan.strategy],
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": OBJECTIVE},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": plan.jobs,
            "MaxParallelTrainingJobs": plan.parallel,
        },
        "ParameterRanges": parameter_ranges(plan.space),
        "TrainingJobEarlyStoppingType": "Auto" if plan.early_stopping else "Off",
        "RandomSeed": _SEED,
    }
    if plan.stop_at is not None:
        config["TuningJobCompletionCriteria"] = {"TargetObjectiveMetricValue": plan.stop_at}
    return config


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

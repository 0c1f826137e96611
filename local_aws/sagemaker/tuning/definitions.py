"""What the training jobs of a tuning job are made from: one definition, or several by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.errors import ValidationError
from local_aws.records import Record
from local_aws.sagemaker.tuning.ranges import Candidate, Space, read_space

OBJECTIVE_HYPERPARAMETER = "_tuning_objective_metric"  # that SageMaker adds to every job
_MOST_HYPERPARAMETERS = 100
# Members of a definition that are not members of a training job's request.
_OWN = ("DefinitionName", "TuningObjective", "HyperParameterRanges", "StaticHyperParameters")


@dataclass(frozen=True)
class Objective:
    """The metric that a tuning job compares its training jobs by."""

    metric: str
    maximize: bool

    def loss(self, value: float) -> float:
        """Return a value as one of which less is better."""
        return -value if self.maximize else value


@dataclass(frozen=True)
class Definition:
    """One of a tuning job's definitions of training jobs."""

    name: str | None
    objective: Objective
    space: Space
    static: Mapping[str, str]
    request: Record

    def job_request(self, name: str, candidate: Candidate) -> Record:
        """Return the request of the training job of a candidate."""
        added = {OBJECTIVE_HYPERPARAMETER: self.objective.metric}
        return {
            "TrainingJobName": name,
            **self.request,
            "HyperParameters": {**self.static, **candidate, **added},
        }


def read_definitions(request: Record) -> list[Definition]:
    """Return the definitions of a tuning job; raise ValidationError unless they are whole."""
    config = request["HyperParameterTuningJobConfig"]
    one, several = request.get("TrainingJobDefinition"), request.get("TrainingJobDefinitions")
    if bool(one) == bool(several):
        raise ValidationError(
            "Give either a TrainingJobDefinition or TrainingJobDefinitions, and not both."
        )
    if one:
        objective = config.get("HyperParameterTuningJobObjective") or one.get("TuningObjective")
        ranges = config.get("ParameterRanges") or one.get("HyperParameterRanges")
        return [_definition(one, objective, ranges)]
    for name in ("HyperParameterTuningJobObjective", "ParameterRanges"):
        if config.get(name):
            raise ValidationError(
                f"{name} is given in each of the TrainingJobDefinitions, not in the "
                "HyperParameterTuningJobConfig."
            )
    found = [
        _definition(item, item.get("TuningObjective"), item.get("HyperParameterRanges"))
        for item in several or []
    ]
    names = [definition.name for definition in found]
    if None in names or len(set(names)) < len(names):
        raise ValidationError(
            "Each of the TrainingJobDefinitions needs a DefinitionName of its own."
        )
    if len({definition.objective.maximize for definition in found}) > 1:
        raise ValidationError("The tuning objectives of all definitions must have the same Type.")
    return found


def _definition(
    item: Record, objective: Mapping[str, str] | None, ranges: Mapping[str, Any] | None
) -> Definition:
    if not objective:
        raise ValidationError(
            "A hyperparameter tuning job needs an objective: Type and MetricName."
        )
    metric = objective["MetricName"]
    defined = item["AlgorithmSpecification"].get("MetricDefinitions", [])
    if metric not in {definition["Name"] for definition in defined}:
        raise ValidationError(
            "A metric is required for this hyperparameter tuning job objective. Provide a metric "
            f"in the metric definitions. (There is none named {metric!r}.)"
        )
    space, static = read_space(ranges or {}), item.get("StaticHyperParameters", {})
    names = [dimension.name for dimension in space]
    for name in names:
        if name in static:
            raise ValidationError(
                f"The hyperparameter {name} is tuned and static. Give either a range or a value."
            )
    count = len({*names, *static, OBJECTIVE_HYPERPARAMETER})
    if count > _MOST_HYPERPARAMETERS:
        raise ValidationError(
            f"The training jobs have {count} hyperparameters, {OBJECTIVE_HYPERPARAMETER} among "
            f"them; at most {_MOST_HYPERPARAMETERS}."
        )
    return Definition(
        item.get("DefinitionName"),
        Objective(metric, objective["Type"] == "Maximize"),
        space,
        static,
        {name: value for name, value in item.items() if name not in _OWN},
    )

"""The definition of the training jobs of a tuning job."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_aws.errors import ValidationError
from local_aws.records import Record
from local_aws.sagemaker.tuning.ranges import Candidate, Space, read_space

OBJECTIVE_HYPERPARAMETER = "_tuning_objective_metric"  # added to every job by SageMaker
_MAX_HYPERPARAMETERS = 100
# Members that the request of a training job does not have.
_CHOICES = "HyperParameterTuningResourceConfig"
_OWN = (
    _CHOICES,
    "DefinitionName",
    "TuningObjective",
    "HyperParameterRanges",
    "StaticHyperParameters",
)


@dataclass(frozen=True)
class Objective:
    """The metric by which a tuning job compares its training jobs."""

    metric: str
    maximize: bool

    def loss(self, value: float) -> float:
        """Return a value as a loss, for which lower is better."""
        return -value if self.maximize else value


@dataclass(frozen=True)
class Definition:
    """A definition of training jobs."""

    objective: Objective
    space: Space
    static: Mapping[str, str]
    request: Record

    def job_request(self, name: str, candidate: Candidate) -> Record:
        """Return the request for the training job of a candidate."""
        objective = {OBJECTIVE_HYPERPARAMETER: self.objective.metric}
        return {
            "TrainingJobName": name,
            **self.request,
            "HyperParameters": {**self.static, **candidate, **objective},
        }


def read_definition(request: Record) -> Definition:
    """Return the definition of a tuning job; raise ValidationError unless it is complete."""
    config, item = request["HyperParameterTuningJobConfig"], request.get("TrainingJobDefinition")
    if not item:
        raise ValidationError("TrainingJobDefinition is missing.")
    objective = config.get("HyperParameterTuningJobObjective") or item.get("TuningObjective")
    ranges = config.get("ParameterRanges") or item.get("HyperParameterRanges")
    if not objective:
        raise ValidationError(
            "A hyperparameter tuning job needs an objective: Type and MetricName."
        )
    metric = objective["MetricName"]
    defined = item["AlgorithmSpecification"].get("MetricDefinitions", [])
    if metric not in {definition["Name"] for definition in defined}:
        raise ValidationError(
            "A metric is required for this hyperparameter tuning job objective. Provide a metric "
            f"in the metric definitions. (None is named {metric!r}.)"
        )
    space, static = read_space(ranges or {}), item.get("StaticHyperParameters", {})
    names = [dimension.name for dimension in space]
    for name in names:
        if name in static:
            raise ValidationError(
                f"The hyperparameter {name} is tuned and static. Set either a range or a value."
            )
    count = len({*names, *static, OBJECTIVE_HYPERPARAMETER})
    if count > _MAX_HYPERPARAMETERS:
        raise ValidationError(
            f"The training jobs have {count} hyperparameters including {OBJECTIVE_HYPERPARAMETER}; "
            f"the maximum is {_MAX_HYPERPARAMETERS}."
        )
    return Definition(
        Objective(metric, objective["Type"] == "Maximize"),
        space,
        static,
        {name: value for name, value in item.items() if name not in _OWN} | _resources(item),
    )


def _resources(item: Record) -> Record:
    """Return the ResourceConfig of a definition's jobs; all instance types are always available."""
    config = item.get(_CHOICES)
    if not config:
        return {}
    if "ResourceConfig" in item:
        raise ValidationError(f"Set either ResourceConfig or {_CHOICES}, not both.")
    first = config.get("InstanceConfigs", [{}])[0]
    names = ("InstanceType", "InstanceCount", "VolumeSizeInGB")
    return {"ResourceConfig": {name: config[name] for name in names if name in config} | first}

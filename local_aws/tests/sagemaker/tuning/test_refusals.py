"""Requests for tuning jobs that AWS refuses, or that the local AWS does not reproduce."""

import re
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.errors import ServiceError
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.tuning.definitions import read_definition
from local_aws.sagemaker.tuning.parents import as_candidate, check_parents
from local_aws.sagemaker.tuning.trials import Trial
from local_aws.settings import Settings
from local_aws.tests.sagemaker.tuning.tuning_worlds import tuning_record
from local_aws.tests.sagemaker.tuning.tunings import SCORE, Tunings, choices, continuous

OBJECTIVE = {"Type": "Maximize", "MetricName": "score"}
LIMITS = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
HYPERBAND = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 3}}
CONVERGED = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}


@pytest.fixture(scope="module")
def tunings(account) -> Tunings:
    """Create requests."""
    return Tunings(account)


@pytest.fixture
def region(tmp_path) -> Region:
    """Return an empty region."""
    return Region("us-east-1", Settings(tmp_path))


@pytest.fixture(scope="module")
def definition(tunings) -> dict[str, Any]:
    """Define training jobs that never run."""
    return tunings.definition(SCORE)


def refusal(tunings: Tunings, request: dict[str, Any]) -> str:
    """Return the message with which a request is refused, without leaving a tuning job."""
    with pytest.raises(ClientError) as caught:
        tunings.start(request)
    name = request["HyperParameterTuningJobName"]
    listed = tunings.client.list_hyper_parameter_tuning_jobs(NameContains=name)
    assert listed["HyperParameterTuningJobSummaries"] == []
    return str(caught.value)


@pytest.mark.observes("tuning-metric-required")
def test_objective_without_a_metric_definition_is_refused(tunings, definition):
    objective = {"Type": "Maximize", "MetricName": "accuracy"}
    request = tunings.request(definition, continuous(), HyperParameterTuningJobObjective=objective)
    message = refusal(tunings, request)
    assert "A metric is required for this hyperparameter tuning job objective" in message
    assert "'accuracy'" in message


@pytest.mark.parametrize(
    ("config", "ranges", "message"),
    [
        ({"Strategy": "Hyperband"}, continuous(), "Hyperband as the"),
        ({"StrategyConfig": HYPERBAND}, continuous(), "StrategyConfig"),
        ({"TuningJobCompletionCriteria": CONVERGED}, continuous(), "Enabled as the"),
        ({"Strategy": "Grid"}, continuous(), "categorical parameter ranges only"),
        (
            {"Strategy": "Grid", "ResourceLimits": LIMITS},
            choices(x=["1", "2", "3"]),
            "the grid has 3 combinations",
        ),
        (
            {"ResourceLimits": {"MaxNumberOfTrainingJobs": 751, "MaxParallelTrainingJobs": 1}},
            continuous(),
            "ResourceLimitExceeded.*751",
        ),
        (
            {"ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 11}},
            continuous(),
            "11 training jobs at once",
        ),
        ({}, choices(x=["1", "2", "3"]), r"ranges \[3.0\] must be equal or greater.*\[4\]"),
        (
            {"Strategy": "Grid", "ResourceLimits": {"MaxParallelTrainingJobs": 1}},
            choices(**{f"x{number}": [*map(str, range(30))] for number in range(30)}),
            "the limit of a tuning job is 750",
        ),
        ({}, continuous("-1.7e308", "1.7e308"), "exceeds the largest number"),
        ({}, continuous(3, 1), "MinValue below the MaxValue"),
        ({}, choices(sagemaker_program=["a.py"] * 1), "tuned and static"),
    ],
)
@pytest.mark.observes("tuning-refusals")
def test_invalid_configuration_is_refused(tunings, definition, config, ranges, message):
    assert re.search(message, refusal(tunings, tunings.request(definition, ranges, **config)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RoleArn": "arn:aws:iam::123456789012:role/nobody-here"}, "Could not assume role"),
        ({"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}, "VpcConfig"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, "RetryStrategy"),
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds"),
    ],
)
def test_definition_of_training_jobs_that_cannot_start_is_refused(
    tunings, definition, changes, message
):
    assert message in refusal(tunings, tunings.request(definition | changes, continuous()))


def test_autotune_is_refused(tunings, definition):
    automatic = {"AutoParameters": [{"Name": "x", "ValueHint": "1"}]}
    request = tunings.request(definition, continuous() | automatic)
    assert "AutoParameters" in refusal(tunings, request)
    request = tunings.request(definition, continuous()) | {"Autotune": {"Mode": "Enabled"}}
    assert "Autotune" in refusal(tunings, request)


@pytest.mark.observes("tuning-refusals")
def test_several_definitions_are_refused(tunings, definition):
    request = tunings.request(definition, continuous())
    request["TrainingJobDefinitions"] = [request.pop("TrainingJobDefinition")]
    assert "TrainingJobDefinitions" in refusal(tunings, request)


def test_missing_tuning_job_is_not_found(tunings):
    for operation in ("describe", "stop", "delete"):
        call = getattr(tunings.client, f"{operation}_hyper_parameter_tuning_job")
        with pytest.raises(ClientError, match="ResourceNotFound"):
            call(HyperParameterTuningJobName="missing")


def add_parent(region: Region, **changes: Any) -> None:
    """Add a completed tuning job with one trial, x from 0 to 1, and a static y."""
    record = tuning_record(continuous(), LIMITS, Strategy="Random") | {
        "HyperParameterTuningJobName": "parent",
        "HyperParameterTuningJobStatus": "Completed",
    }
    record["TrainingJobDefinition"]["StaticHyperParameters"] = {"y": "1"}
    region.tuning_jobs.add("parent", record | changes)
    trial = Trial("parent-001", read_definition(record), {"x": "0.5"})
    region.trials["parent"] = [trial]
    job = {"TrainingJobArn": "arn", "TrainingJobStatus": "Completed"}
    region.training_jobs.add("parent-001", job | {"CreationTime": datetime.now(UTC)})


def child(kind: str = "TransferLearning", **changes: Any) -> dict[str, Any]:
    """Return the request for a tuning job with this parent."""
    request = tuning_record(continuous(), LIMITS, Strategy="Bayesian")
    request["TrainingJobDefinition"]["StaticHyperParameters"] = {"y": "1"}
    request["WarmStartConfig"] = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
        "WarmStartType": kind,
    }
    for path, value in changes.items():
        *outer, last = path.split("__")
        target = request
        for name in outer:
            target = target[name]
        target[last] = value
    return request


CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
WHOLE = {"IntegerParameterRanges": [{"Name": "x", "MinValue": "1", "MaxValue": "2"}]}


@pytest.mark.observes("tuning-warm-start-restrictions")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{CONFIG}__HyperParameterTuningJobObjective": OBJECTIVE | {"Type": "Minimize"}},
         "the same metric and type"),
        ({f"{DEFINITION}__StaticHyperParameters": {"y": "1", "z": "1"}}, "needs the same number"),
        ({f"{CONFIG}__ParameterRanges": WHOLE}, "its type must not change"),
        ({f"{CONFIG}__Strategy": "Grid"}, "does not reproduce a warm start with the Grid"),
        ({"kind": "IdenticalDataAndAlgorithm", f"{DEFINITION}__InputDataConfig": [1]},
         "Use TransferLearning"),
    ],
)  # fmt: skip
def test_warm_start_that_violates_a_restriction_is_refused(region, changes, message):
    add_parent(region)
    request = child(**changes)
    with pytest.raises(ServiceError, match=message):
        check_parents(region, request, read_definition(request))


def test_warm_start_from_a_running_or_missing_job_is_refused(region):
    request = child()
    with pytest.raises(ServiceError, match="does not exist"):
        check_parents(region, request, read_definition(request))
    add_parent(region, HyperParameterTuningJobStatus="InProgress")
    with pytest.raises(ServiceError, match="expected one that has ended"):
        check_parents(region, request, read_definition(request))


@pytest.mark.observes("tuning-warm-start-restrictions")
@pytest.mark.parametrize("changed", [5, 6])
def test_warm_start_with_more_than_ten_changes_is_refused(region, changed):
    request = child()
    add_parent(region)
    names = [f"s{number}" for number in range(6)]
    old = region.tuning_jobs.get("parent")[DEFINITION]
    old["StaticHyperParameters"] = dict.fromkeys(names, "before")
    region.tuning_jobs.update("parent", **{DEFINITION: old})
    values = dict.fromkeys(names, "before") | dict.fromkeys(names[:changed], "now")
    request[DEFINITION]["StaticHyperParameters"] = values
    refused = pytest.raises(ServiceError, match="have 12 changes")
    with refused if changed > 5 else nullcontext():
        check_parents(region, request, read_definition(request))


@pytest.mark.parametrize("y", ["1", "2"])
def test_warm_start_uses_static_values_of_the_parent_for_hyperparameters_that_vary_now(region, y):
    add_parent(region)
    both = choices(y=["1", "2"]) | continuous()
    request = child(
        **{f"{CONFIG}__ParameterRanges": both, f"{DEFINITION}__StaticHyperParameters": {}}
    )
    definition = read_definition(request)
    check_parents(region, request, definition)
    (trial,) = region.trials["parent"]
    assert as_candidate(trial, definition) == {"y": "1", "x": "0.5"}
    ranges = {f"{CONFIG}__ParameterRanges": choices(y=["1", "2"])}
    request = child(**ranges, **{f"{DEFINITION}__StaticHyperParameters": {"x": y}})
    definition = read_definition(request)
    check_parents(region, request, definition)
    assert as_candidate(trial, definition) is None  # its x differs

"""What no tuning job is made of: requests that AWS refuses, and what is not reproduced."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.errors import ServiceError
from local_aws.region import Region
from local_aws.sagemaker.tuning.definitions import read_definitions
from local_aws.sagemaker.tuning.parents import as_candidate, check_parents
from local_aws.sagemaker.tuning.trials import Trial
from local_aws.settings import Settings
from local_aws.tests.sagemaker.tuning.tuning_worlds import described
from local_aws.tests.sagemaker.tuning.tunings import SCORES, Tunings, choices, continuous

OBJECTIVE = {"Type": "Maximize", "MetricName": "score"}
LIMITS = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
HYPERBAND = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 3}}
CONVERGED = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}


@pytest.fixture(scope="module")
def tunings(account) -> Tunings:
    """Make requests."""
    return Tunings(account)


@pytest.fixture(scope="module")
def definition(tunings) -> dict[str, Any]:
    """Define training jobs that never run."""
    return tunings.definition(SCORES)


def refusal(tunings: Tunings, request: dict[str, Any]) -> str:
    """Return the message with which a request is refused, of which nothing is left."""
    with pytest.raises(ClientError) as caught:
        tunings.start(request)
    name = request["HyperParameterTuningJobName"]
    listed = tunings.client.list_hyper_parameter_tuning_jobs(NameContains=name)
    assert listed["HyperParameterTuningJobSummaries"] == []
    return str(caught.value)


@pytest.mark.observes("tuning-metric-required")
def test_objective_that_no_metric_definition_defines_is_refused(tunings, definition):
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
def test_configuration_that_cannot_be_kept_is_refused(tunings, definition, config, ranges, message):
    found = refusal(tunings, tunings.request(definition, ranges, **config))
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RoleArn": "arn:aws:iam::123456789012:role/nobody-here"}, "Could not assume role"),
        ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, "RetryStrategy"),
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds"),
    ],
)
def test_definition_of_training_jobs_that_could_not_start_is_refused(
    tunings, definition, changes, message
):
    assert message in refusal(tunings, tunings.request(definition | changes, continuous()))


def test_ranges_that_are_to_be_found_by_autotune_are_refused(tunings, definition):
    automatic = {"AutoParameters": [{"Name": "x", "ValueHint": "1"}]}
    request = tunings.request(definition, continuous() | automatic)
    assert "AutoParameters" in refusal(tunings, request)
    request = tunings.request(definition, continuous()) | {"Autotune": {"Mode": "Enabled"}}
    assert "Autotune" in refusal(tunings, request)


def test_tuning_job_that_nobody_made_is_not_found(tunings):
    for operation in ("describe", "stop", "delete"):
        call = getattr(tunings.client, f"{operation}_hyper_parameter_tuning_job")
        with pytest.raises(ClientError, match="ResourceNotFound"):
            call(HyperParameterTuningJobName="nobody-made-it")


def parent_of(region: Region, **changes: Any) -> None:
    """Put an ended tuning job into a region, x from 0 to 1 and y static, with one trial."""
    record = described(continuous(), LIMITS, Strategy="Random") | {
        "HyperParameterTuningJobName": "parent",
        "HyperParameterTuningJobStatus": "Completed",
    }
    record["TrainingJobDefinition"]["StaticHyperParameters"] = {"y": "1"}
    region.tuning_jobs.add("parent", record | changes)
    trial = Trial("parent-001", read_definitions(record)[0], {"x": "0.5"})
    region.trials["parent"] = [trial]
    job = {"TrainingJobArn": "arn", "TrainingJobStatus": "Completed"}
    region.training_jobs.add("parent-001", job | {"CreationTime": datetime.now(UTC)})


def child(kind: str = "TransferLearning", **changes: Any) -> dict[str, Any]:
    """Return the request of a tuning job that starts from it."""
    request = described(continuous(), LIMITS, Strategy="Bayesian")
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
def test_warm_start_that_breaks_a_restriction_is_refused(tmp_path, changes, message):
    region = Region("us-east-1", Settings(tmp_path))
    parent_of(region)
    request = child(**changes)
    with pytest.raises(ServiceError, match=message):
        check_parents(region, request, read_definitions(request))


def test_warm_start_from_a_job_that_runs_or_is_not_there_is_refused(tmp_path):
    region, request = Region("us-east-1", Settings(tmp_path)), child()
    with pytest.raises(ServiceError, match="does not exist"):
        check_parents(region, request, read_definitions(request))
    parent_of(region, HyperParameterTuningJobStatus="InProgress")
    with pytest.raises(ServiceError, match="expected one that has ended"):
        check_parents(region, request, read_definitions(request))


@pytest.mark.observes("tuning-warm-start-restrictions")
@pytest.mark.parametrize(("changed", "refused"), [(5, False), (6, True)])
def test_warm_start_of_more_than_ten_changes_is_refused(tmp_path, changed, refused):
    region, request = Region("us-east-1", Settings(tmp_path)), child()
    parent_of(region)
    names = [f"s{number}" for number in range(6)]
    old = region.tuning_jobs.get("parent")[DEFINITION]
    old["StaticHyperParameters"] = dict.fromkeys(names, "before")
    region.tuning_jobs.update("parent", **{DEFINITION: old})
    given = {name: "now" if place < changed else "before" for place, name in enumerate(names)}
    request[DEFINITION]["StaticHyperParameters"] = given
    if not refused:
        check_parents(region, request, read_definitions(request))
        return
    with pytest.raises(ServiceError, match="have 12 changes"):
        check_parents(region, request, read_definitions(request))


@pytest.mark.parametrize("y", ["1", "2"])
def test_warm_start_takes_what_a_parent_had_static_for_what_is_varied_now(tmp_path, y):
    region = Region("us-east-1", Settings(tmp_path))
    parent_of(region)
    both = choices(y=["1", "2"]) | continuous()
    request = child(
        **{f"{CONFIG}__ParameterRanges": both, f"{DEFINITION}__StaticHyperParameters": {}}
    )
    (definition,) = read_definitions(request)
    check_parents(region, request, [definition])
    (trial,) = region.trials["parent"]
    assert as_candidate(trial, definition) == {"y": "1", "x": "0.5"}
    now_static = choices(y=["1", "2"])
    request = child(
        **{
            f"{CONFIG}__ParameterRanges": now_static,
            f"{DEFINITION}__StaticHyperParameters": {"x": y},
        }
    )
    (definition,) = read_definitions(request)
    check_parents(region, request, [definition])
    assert as_candidate(trial, definition) is None  # its x was another

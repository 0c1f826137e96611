"""Search, DeleteTrainingJob, and the members of jobs that have no effect."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.core.utils import get_service_model

from local_aws.errors import ServiceError
from local_aws.sagemaker.control import OPERATIONS
from local_aws.sagemaker.tuning.definitions import read_definition
from local_aws.tests.account import refusal

SCRIPT = "import os\nopen(os.environ['SM_MODEL_DIR'] + '/m', 'w').close()\nprint('score=0.5')"
JOBS = [
    {
        "TrainingJobName": "first",
        "TrainingJobArn": "arn:first",
        "TrainingJobStatus": "Completed",
        "HyperParameters": {"lr": "0.1", "a.b": "x"},
        "InputDataConfig": [{"ChannelName": "train", "ContentType": "text/csv"}],
        "FinalMetricDataList": [{"MetricName": "score", "Value": 0.9}],
        "EnableNetworkIsolation": True,
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "LastModifiedTime": datetime(2026, 1, 2, tzinfo=UTC),
    },
    {
        "TrainingJobName": "second",
        "TrainingJobArn": "arn:second",
        "TrainingJobStatus": "Failed",
        "HyperParameters": {"lr": "2.5"},
        "InputDataConfig": [{"ChannelName": "test"}, {"ChannelName": "train"}],
        "CreationTime": datetime(2026, 2, 1, tzinfo=UTC),
        "LastModifiedTime": datetime(2026, 2, 2, tzinfo=UTC),
    },
]


class _Lock:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


GROUPS = [
    {
        "ModelPackageGroupName": name,
        "ModelPackageGroupArn": f"arn:{name}",
        "CreationTime": datetime(year, 1, 1, tzinfo=UTC),
        "LastModifiedTime": datetime(2026, 1, 1, tzinfo=UTC),
    }
    for name, year in (("old", 2024), ("new", 2025))
]
TAGS = {"arn:first": {"team": "blue"}}
REGION = SimpleNamespace(
    training_jobs=JOBS, model_package_groups=GROUPS, endpoints=[], tags=TAGS, lock=_Lock()
)
MODEL = get_service_model("sagemaker").operation_model("Search")


def found(expression, **options):
    """Return the names of the jobs that match."""
    request = {"Resource": "TrainingJob", "SearchExpression": expression, **options}
    reply = OPERATIONS["Search"](REGION, request, MODEL)
    assert reply["TotalHits"]["Value"] == len(reply["Results"])
    return [item["TrainingJob"]["TrainingJobName"] for item in reply["Results"]]


def one(name, operator=None, value=None):
    """Return an expression with one filter."""
    members = {"Name": name, "Operator": operator, "Value": value}
    return {"Filters": [{key: item for key, item in members.items() if item is not None}]}


@pytest.mark.observes("search")
@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ({}, ["second", "first"]),
        (one("TrainingJobName", value="first"), ["first"]),
        (one("TrainingJobName", "NotEquals", "first"), ["second"]),
        (one("TrainingJobName", "Contains", "sec"), ["second"]),
        (one("TrainingJobStatus", "In", "Failed, Stopped"), ["second"]),
        (one("FinalMetricDataList", "Exists"), ["first"]),
        (one("FinalMetricDataList", "NotExists"), ["second"]),
        (one("Metrics.score", "GreaterThan", "0.8"), ["first"]),
        (one("HyperParameters.lr", "LessThan", "0.5"), ["first"]),
        (one("HyperParameters.lr", "GreaterThanOrEqualTo", "2"), ["second"]),
        (one("HyperParameters.lr", "GreaterThan", "2"), []),  # as integers, 2 is not greater
        (one("HyperParameters.a.b", "Equals", "x"), ["first"]),
        (one("Tags.team", "Equals", "blue"), ["first"]),
        (one("EnableNetworkIsolation", "Equals", "true"), ["first"]),
        (one("CreationTime", "GreaterThan", "2026-01-15T00:00:00"), ["second"]),
        (one("InputDataConfig.ChannelName", "Equals", "test"), ["second"]),
        (
            {"Operator": "Or", "SubExpressions": [
                one("TrainingJobName", value="first"), one("TrainingJobStatus", value="Failed")]},
            ["second", "first"],
        ),
        (
            {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": [
                {"Name": "InputDataConfig.ChannelName", "Value": "train"},
                {"Name": "InputDataConfig.ContentType", "Operator": "Exists"}]}]},
            ["first"],
        ),
    ],
)  # fmt: skip
def test_search_finds_what_matches_an_expression(expression, names):
    assert found(expression) == names


@pytest.mark.observes("search")
@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (one("Color", value="red"), "Unknown property name: Color"),
        (one("TrainingJobName", "LessThan", "x"), "not supported for text"),
        (one("Metrics.score", "Contains", "9"), "only supported for text"),
        (one("Metrics.score", "LessThan", "x"), "must be a number, got 'x'"),
        (one("CreationTime", "LessThan", "today"), "must be like 2026-11-29T12:00:00"),
        ({"Filters": one("TrainingJobName", "Contains", "a")["Filters"] * 2}, "limit of 1"),
        (
            {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": [
                {"Name": "InputDataConfig.ChannelName", "Operator": "Contains", "Value": "a"},
                {"Name": "InputDataConfig.ContentType", "Operator": "Contains", "Value": "b"}]}]},
            "limit of 1",
        ),
    ],
)  # fmt: skip
def test_search_refuses_a_condition_that_cannot_be_evaluated(expression, reason):
    with pytest.raises(ServiceError, match=reason):
        found(expression)


@pytest.mark.parametrize("request_", [{"SearchExpression": one("Color")}, {"SortBy": "Color"}])
def test_unknown_property_is_refused_even_if_there_are_no_resources(request_):
    with pytest.raises(ServiceError, match="Unknown property name: Color"):
        OPERATIONS["Search"](REGION, {"Resource": "Endpoint", **request_}, MODEL)


def test_groups_which_are_never_modified_are_sorted_by_creation_time():
    results = OPERATIONS["Search"](REGION, {"Resource": "ModelPackageGroup"}, MODEL)["Results"]
    names = [item["ModelPackageGroup"]["ModelPackageGroupName"] for item in results]
    assert names == ["new", "old"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"SortBy": "TrainingJobName", "SortOrder": "Ascending"}, ["first", "second"]),
        ({"SortBy": "Metrics.score"}, ["first", "second"]),
        ({"SortBy": "HyperParameters.lr"}, ["second", "first"]),
    ],
)
def test_search_sorts_by_any_property(options, names):
    assert found({}, **options) == names


@pytest.mark.parametrize(("text", "names"), [("inf", ["first"]), ("nan", [])])
def test_hyperparameter_that_is_not_finite_is_compared_as_a_number(monkeypatch, text, names):
    monkeypatch.setitem(JOBS[0], "HyperParameters", {"lr": text})
    assert found(one("HyperParameters.lr", "GreaterThan", "5")) == names


names = st.sampled_from(
    ["TrainingJobName", "Metrics.score", "HyperParameters.lr", "Tags.team", "InputDataConfig", ""]
)
operators = st.sampled_from(get_service_model("sagemaker").shape_for("Operator").enum)
filters = st.fixed_dictionaries(
    {"Name": names}, optional={"Operator": operators, "Value": st.text(max_size=5)}
)
expressions = st.recursive(
    st.fixed_dictionaries({}, optional={"Filters": st.lists(filters, max_size=2)}),
    lambda inner: st.fixed_dictionaries({"SubExpressions": st.lists(inner, max_size=2)}),
    max_leaves=3,
)


@given(expressions, names)
def test_any_expression_is_answered_or_refused(expression, sort_by):
    try:
        assert set(found(expression, SortBy=sort_by)) <= {"first", "second"}
    except ServiceError as error:
        assert error.status == 400 and str(error)


@pytest.mark.slow
@pytest.mark.observes("training-no-effect")
def test_job_of_sdk_v2_is_described_as_requested_found_and_deleted(account):
    profiler = {"S3OutputPath": f"s3://{account.bucket}", "DisableProfiler": False}
    hook = {"S3OutputPath": f"s3://{account.bucket}/hook", "CollectionConfigurations": []}
    request = account.job_request(
        {"train.py": SCRIPT}, DebugHookConfig=hook, ProfilerConfig=profiler
    )
    request["AlgorithmSpecification"]["EnableSageMakerMetricsTimeSeries"] = True
    name = request["TrainingJobName"]
    account.sagemaker.create_training_job(**request)
    described = account.finished_job(name)
    assert described["TrainingJobStatus"] == "Completed"
    assert described["DebugHookConfig"]["S3OutputPath"] == hook["S3OutputPath"]
    assert described["ProfilerConfig"] == profiler
    assert described["OutputDataConfig"]["KmsKeyId"] == ""
    log = account.job_log(name)
    for member in ("DebugHookConfig", "ProfilerConfig", "EnableSageMakerMetricsTimeSeries"):
        assert f"{member} has no effect in the local AWS." in log
    expression = {"Filters": [{"Name": "TrainingJobName", "Value": name}]}
    search = account.sagemaker.search
    results = search(Resource="TrainingJob", SearchExpression=expression)["Results"]
    assert [item["TrainingJob"]["TrainingJobArn"] for item in results] == [
        described["TrainingJobArn"]
    ]
    account.sagemaker.delete_training_job(TrainingJobName=name)
    assert search(Resource="TrainingJob", SearchExpression=expression)["Results"] == []
    account.sagemaker.create_training_job(**request)  # the name is free again
    code, message = refusal(account.sagemaker.delete_training_job, TrainingJobName=name)
    assert code == "ResourceInUse" and "Stop it first" in message
    account.finished_job(name)


def test_collections_of_the_debugger_are_refused_by_name(account):
    hook = {"S3OutputPath": "s3://b", "CollectionConfigurations": [{"CollectionName": "losses"}]}
    request = account.job_request({"train.py": SCRIPT}, DebugHookConfig=hook)
    _code, message = refusal(account.sagemaker.create_training_job, **request)
    assert "DebugHookConfig.CollectionConfigurations of CreateTrainingJob" in message


def test_newer_image_is_refused_with_the_image_to_use_instead(account):
    registry = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn"
    request = account.job_request({"train.py": SCRIPT})
    request["AlgorithmSpecification"]["TrainingImage"] = f"{registry}:1.4-2-cpu-py3"
    code, message = refusal(account.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert f"Use {registry}:1.9-0-cpu-py3 (image_uri in the SDK)." in message


@pytest.mark.observes("tuning-resources")
def test_jobs_of_a_definition_use_the_first_of_its_instance_types():
    first = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
    item = {
        "AlgorithmSpecification": {"MetricDefinitions": [{"Name": "score", "Regex": "(.*)"}]},
        "HyperParameterTuningResourceConfig": {
            "AllocationStrategy": "Prioritized",
            "InstanceConfigs": [first, first | {"InstanceType": "ml.c5.large"}],
        },
    }
    objective = {"Type": "Maximize", "MetricName": "score"}
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["1"]}]}
    config = {"HyperParameterTuningJobObjective": objective, "ParameterRanges": ranges}
    request = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": item}
    assert read_definition(request).request["ResourceConfig"] == first
    item["ResourceConfig"] = first
    with pytest.raises(ServiceError, match="not both"):
        read_definition(request)

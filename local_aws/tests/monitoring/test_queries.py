"""GetMetricStatistics and GetMetricData of metrics that a program puts."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, unique

HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
QUERY = {"StartTime": HOUR + timedelta(seconds=40), "EndTime": HOUR + timedelta(minutes=30)}


@pytest.fixture
def space(account: Account):
    """Return a namespace with two values in the third minute of an hour, and one in the seventh."""
    namespace, cloudwatch = unique("space"), account.aws.client("cloudwatch")
    for seconds, value in ((130, 1.0), (170, 3.0), (390, 8.0)):
        datum = {"MetricName": "m", "Value": value, "Unit": "Count"}
        for name, dimensions in ((namespace, []), (namespace, [{"Name": "a", "Value": "b"}])):
            datum |= {"Timestamp": HOUR + timedelta(seconds=seconds), "Dimensions": dimensions}
            cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])
    cloudwatch.put_metric_data(Namespace=unique("space"), MetricData=[datum])
    return namespace


def statistics(account, namespace, **members):
    """Return the data points of the metric in order."""
    query = QUERY | {"Namespace": namespace, "MetricName": "m", "Period": 60} | members
    points = account.aws.client("cloudwatch").get_metric_statistics(**query)["Datapoints"]
    return sorted(points, key=lambda point: point["Timestamp"])


def minutes(*numbers):
    """Return moments in the hour."""
    return [HOUR + timedelta(minutes=number) for number in numbers]


def test_statistics_have_a_point_for_each_period_from_the_minute_of_the_start(account, space):
    points = statistics(account, space, Statistics=["Sum", "Maximum"])
    assert [point["Timestamp"] for point in points] == minutes(2, 6)
    assert [(point["Sum"], point["Maximum"]) for point in points] == [(4.0, 3.0), (8.0, 8.0)]
    assert {point["Unit"] for point in points} == {"Count"}
    wide = statistics(account, space, Statistics=["SampleCount"], Period=300)
    assert [(point["Timestamp"], point["SampleCount"]) for point in wide] == list(
        zip(minutes(0, 5), [2.0, 1.0], strict=True)
    )


def test_namespace_of_aws_is_reserved(account):
    with pytest.raises(
        ClientError, match=r"\(InvalidParameterValue\).*AWS/SageMaker for parameter"
    ):
        account.aws.client("cloudwatch").put_metric_data(
            Namespace="AWS/SageMaker", MetricData=[{"MetricName": "Invocations", "Value": 1}]
        )


@pytest.mark.observes("metrics-statistics")
def test_extended_statistics_are_percentiles(account, space):
    points = statistics(account, space, ExtendedStatistics=["p50", "p99.9"])
    assert [point["ExtendedStatistics"] for point in points] == [
        {"p50": 1.0, "p99.9": 3.0},
        {"p50": 8.0, "p99.9": 8.0},
    ]


@pytest.mark.observes("metrics-statistics")
@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"Statistics": ["Mean"]}, "enum value set: .Average, Maximum, Minimum, SampleCount, Sum."),
        ({"ExtendedStatistics": ["tm90"]}, "does not reproduce the statistic tm90"),
        ({"Statistics": ["Sum"], "Period": 61}, "must be 1, 5, 10, 20, 30, or a multiple of 60"),
        ({}, "Must specify either Statistics or ExtendedStatistics"),
        ({"Statistics": ["Sum"], "EndTime": HOUR}, "StartTime must be less than"),
        (
            {"Statistics": ["Sum"], "StartTime": HOUR - timedelta(days=30)},
            "up to 43,230 datapoints, which exceeds the limit of 1,440",
        ),
    ],
)
def test_wrong_query_of_statistics_is_refused(account, space, members, reason):
    with pytest.raises(ClientError, match=reason):
        statistics(account, space, **members)


def test_metric_data_are_the_newest_first_unless_asked_otherwise(account, space):
    metric = {"Namespace": space, "MetricName": "m", "Dimensions": [{"Name": "a", "Value": "b"}]}
    queries = [
        {"Id": "sums", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
        {
            "Id": "high",
            "MetricStat": {"Metric": metric, "Period": 300, "Stat": "p90"},
            "Label": "x",
        },
        {
            "Id": "hidden",
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        },
    ]
    cloudwatch = account.aws.client("cloudwatch")
    sums, high = cloudwatch.get_metric_data(MetricDataQueries=queries, **QUERY)["MetricDataResults"]
    assert (sums["Id"], sums["Label"], sums["StatusCode"]) == ("sums", "m", "Complete")
    assert (sums["Timestamps"], sums["Values"]) == (minutes(6, 2), [8.0, 4.0])
    assert (high["Label"], high["Timestamps"], high["Values"]) == ("x", minutes(5, 0), [8.0, 3.0])
    ascending = cloudwatch.get_metric_data(
        MetricDataQueries=queries[:1], ScanBy="TimestampAscending", **QUERY
    )["MetricDataResults"]
    assert ascending[0]["Values"] == [4.0, 8.0]


def test_expression_in_metric_data_is_refused_by_name(account, space):
    queries = [{"Id": "double", "Expression": "2 * m1"}]
    with pytest.raises(ClientError, match=r"does not reproduce expressions .*; found '2 . m1'"):
        account.aws.client("cloudwatch").get_metric_data(MetricDataQueries=queries, **QUERY)

"""Alarms of a local AWS whose minutes last one second: endpoints, topics, queues."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import eventually, refusal, unique
from local_aws.tests.sagemaker.releases.guarded import Guarded


@pytest.fixture(scope="module")
def guarded(quick_account) -> Guarded:
    """Deploy an endpoint."""
    guarded = Guarded(quick_account)
    guarded.allow_alarms()
    return guarded


def fail(guarded):
    """Call the endpoint so that its model fails."""
    with pytest.raises(ClientError, match="ModelError"):
        guarded.account.runtime.invoke_endpoint(
            EndpointName=guarded.name, Body="raise in old", ContentType="text/plain"
        )


def total(guarded, metric, statistic="Sum", **dimensions):
    """Return the sum of a statistic over all minutes until now."""
    now = datetime.now(UTC)
    reply = guarded.cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=[statistic],
    )
    return sum(point[statistic] for point in reply["Datapoints"])


@pytest.mark.observes("metrics-endpoint", "metric-period")
def test_endpoint_publishes_its_calls_errors_and_latencies(guarded):
    for _ in range(3):
        guarded.call()
    fail(guarded)
    names = {"EndpointName": guarded.name, "VariantName": "AllTraffic"}
    eventually(lambda: total(guarded, "Invocations", **names) == 4)
    assert total(guarded, "InvocationModelErrors", **names) == 1
    assert total(guarded, "Invocation5XXErrors", **names) == 1
    assert total(guarded, "Invocation4XXErrors", **names) == 0
    assert total(guarded, "InvocationsPerInstance", **names) == 4
    assert total(guarded, "ModelLatency", "Minimum", **names) > 100  # microseconds
    assert total(guarded, "OverheadLatency", "Minimum", **names) > 0
    config = guarded.describe()["EndpointConfigName"]
    assert total(guarded, "Invocations", **names, EndpointConfigName=config) == 0


@pytest.mark.slow
@pytest.mark.observes("alarm-actions")
def test_alarm_goes_off_and_recovers_and_tells_its_topic(guarded):
    sns, sqs = (guarded.account.aws.client(name) for name in ("sns", "sqs"))
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    queue = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    alarm = guarded.alarm(AlarmActions=[topic], OKActions=[topic])
    assert guarded.state(alarm) in ("INSUFFICIENT_DATA", "OK")

    def fails() -> bool:
        fail(guarded)
        return guarded.state(alarm) == "ALARM"

    eventually(fails)
    eventually(lambda: guarded.state(alarm) == "OK")
    received = []

    def arrived() -> bool:
        for message in sqs.receive_message(QueueUrl=queue).get("Messages", []):
            received.append(json.loads(json.loads(message["Body"])["Message"]))
        return any(item["NewStateValue"] == "ALARM" for item in received)

    eventually(arrived)
    message = next(item for item in received if item["NewStateValue"] == "ALARM")
    assert (message["AlarmName"], message["Region"]) == (alarm, "us-east-1")
    assert message["Trigger"]["MetricName"] == "InvocationModelErrors"


@pytest.mark.observes("alarm-initial-state")
def test_changed_alarm_keeps_its_state(guarded):
    alarm = guarded.alarm(MetricName="NoSuchMetric", TreatMissingData="ignore")
    assert guarded.state(alarm) == "INSUFFICIENT_DATA"
    guarded.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="test")
    guarded.alarm(AlarmName=alarm, MetricName="NoSuchMetric", TreatMissingData="ignore", Period=120)
    time.sleep(1.2)
    assert guarded.state(alarm) == "ALARM"


@pytest.mark.observes("not-alarm-math")
def test_alarm_on_metric_math_is_refused_by_name(guarded):
    _, message = refusal(
        guarded.cloudwatch.put_metric_alarm,
        AlarmName=unique("math"),
        Metrics=[{"Id": "e", "Expression": "1 + 1"}],
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    assert "metric math" in message


def test_alarm_without_a_period_is_refused(guarded):
    _, message = refusal(
        guarded.cloudwatch.put_metric_alarm,
        AlarmName="incomplete",
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    assert "period" in message
    assert "statistic" in message


@pytest.mark.parametrize("statistic", ["tm90", "IQM", "p101", "Median"])
def test_alarm_on_a_statistic_that_would_never_have_a_value_is_refused(guarded, statistic):
    with pytest.raises(ClientError, match=f"does not reproduce the statistic {statistic}"):
        guarded.alarm(Statistic=statistic)


@pytest.mark.observes("alarm-limits")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Period": 45}, "multiple of 60; found 45"),
        ({"Period": 10}, "found 10. The local AWS does not reproduce alarms with a period of 10"),
        ({"Period": 60, "EvaluationPeriods": 1441}, "60 x 1441 seconds; expected at most 86400"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "3600 x 169 seconds; expected at most 604800"),
        ({"EvaluationPeriods": 2, "DatapointsToAlarm": 3}, "DatapointsToAlarm is 3, more than"),
        ({"TreatMissingData": "drop"}, "Option drop is not supported"),
    ],
)
def test_alarm_that_could_not_be_evaluated_is_refused(guarded, changes, reason):
    with pytest.raises(ClientError, match=reason):
        guarded.alarm(**changes)


@pytest.mark.observes("alarm-filters")
def test_alarms_are_described_by_all_filters_together(guarded):
    kind = unique("filtered")
    topic = "arn:aws:sns:us-east-1:123456789012:"
    never = {"MetricName": "NoSuchMetric", "TreatMissingData": "ignore"}
    one, other = f"{kind}-a", f"{kind}-b"
    for name in (one, other):
        guarded.alarm(AlarmName=name, AlarmActions=[topic + name], **never)
    guarded.cloudwatch.set_alarm_state(AlarmName=one, StateValue="ALARM", StateReason="test")

    def names(**filters):
        alarms = guarded.cloudwatch.describe_alarms(**filters)["MetricAlarms"]
        return {alarm["AlarmName"] for alarm in alarms}

    assert names(AlarmNamePrefix=kind) == {one, other}
    assert names(AlarmNamePrefix=kind, StateValue="ALARM") == {one}
    assert names(AlarmNames=[one, other], StateValue="INSUFFICIENT_DATA") == {other}
    assert names(AlarmNamePrefix=kind, ActionPrefix=topic + other) == {other}
    assert names(AlarmNamePrefix=kind, AlarmTypes=["CompositeAlarm"]) == set()
    with pytest.raises(ClientError, match="mutually exclusive"):
        names(AlarmNames=[one], AlarmNamePrefix=kind)

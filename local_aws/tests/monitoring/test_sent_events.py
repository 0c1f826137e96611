"""The events that topics and alarms send to functions, whose resource policies must allow it."""

import json

import pytest

from local_aws.tests.account import eventually, refusal, unique
from local_aws.tests.awslambda.functions import Lambdas

SHOW = "import json\ndef handler(event, context):\n    print('got ' + json.dumps(event))\n"


class Receivers:
    """Functions that log their events, and a client of SNS."""

    def __init__(self, account):
        self.lambdas = Lambdas(account.aws, account)
        self.sns, self.cloudwatch = account.aws.client("sns"), account.aws.client("cloudwatch")

    def create(self):
        """Create a function; return its ARN."""
        name = self.lambdas.create(SHOW)
        return self.lambdas.client.get_function_configuration(FunctionName=name)["FunctionArn"]

    def permit(self, arn, service, source):
        """Let a service call a function for one of its resources."""
        self.lambdas.client.add_permission(
            FunctionName=arn,
            StatementId=unique("sid"),
            Action="lambda:InvokeFunction",
            Principal=service,
            SourceArn=source,
        )

    def events(self, arn):
        """Return the events of a function so far."""
        lines = self.lambdas.log(f"/aws/lambda/{arn.split(':')[6]}")
        return [json.loads(line[4:]) for line in lines if line.startswith("got ")]

    def received(self, arn, count=1):
        """Wait until a function has a number of events, and return them."""
        return eventually(lambda: len(found := self.events(arn)) == count and found)

    def topic(self, *functions):
        """Create a topic to which functions are subscribed."""
        topic = self.sns.create_topic(Name=unique("topic"))["TopicArn"]
        for arn in functions:
            self.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        return topic

    def alarm(self, *actions):
        """Create an alarm with some actions; return its name and ARN."""
        name = unique("alarm")
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="none",
            MetricName="none",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
            AlarmActions=list(actions),
        )
        (alarm,) = self.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return name, alarm["AlarmArn"]

    def trip(self, name):
        """Set an alarm off."""
        state = {"StateValue": "ALARM", "StateReason": "test"}
        self.cloudwatch.set_alarm_state(AlarmName=name, **state)


@pytest.fixture(scope="module")
def receivers(quick_account) -> Receivers:
    """Use Lambda, SNS, and CloudWatch in a local AWS whose minutes last one second."""
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    return Receivers(quick_account)


@pytest.mark.slow
@pytest.mark.observes("sns-function", "sns-function-permission", "alarm-actions")
def test_alarm_tells_the_functions_of_its_topic_that_permit_it(receivers):
    allowed, refused = receivers.create(), receivers.create()
    topic = receivers.topic(refused, allowed)
    receivers.permit(allowed, "sns.amazonaws.com", topic)
    receivers.permit(refused, "sns.amazonaws.com", f"{topic}-other")
    name, _ = receivers.alarm(topic)
    receivers.trip(name)
    (event,) = receivers.received(allowed)
    (record,) = event["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"].startswith(f"{topic}:")
    sent = record["Sns"]
    assert (sent["Type"], sent["TopicArn"]) == ("Notification", topic)
    assert sent["Subject"] == f'ALARM: "{name}" in us-east-1'
    assert json.loads(sent["Message"])["NewStateValue"] == "ALARM"
    assert {"MessageId", "Timestamp", "Signature", "SigningCertUrl", "UnsubscribeUrl"} < set(sent)
    assert receivers.events(refused) == []


@pytest.mark.observes("sns-function")
def test_function_gets_the_messages_that_its_filter_lets_through(receivers):
    arn = receivers.create()
    topic = receivers.topic()
    receivers.permit(arn, "sns.amazonaws.com", topic)
    policy = {"FilterPolicy": json.dumps({"color": ["red"]})}
    receivers.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes=policy)
    for color in ("blue", "red"):
        attributes = {"color": {"DataType": "String", "StringValue": color}}
        receivers.sns.publish(TopicArn=topic, Message=color, MessageAttributes=attributes)
    body = json.dumps({"default": "for all", "lambda": "for functions"})
    receivers.sns.publish(
        TopicArn=topic, Message=body, MessageStructure="json", MessageAttributes=attributes
    )
    sent = [event["Records"][0]["Sns"] for event in receivers.received(arn, 2)]
    assert {each["Message"] for each in sent} == {"red", "for functions"}
    assert all(each["Subject"] is None for each in sent)
    assert sent[0]["MessageAttributes"] == {"color": {"Type": "String", "Value": "red"}}


@pytest.mark.parametrize("endpoint", ["name", "arn:aws:sqs:us-east-1:1:a", "arn:aws:lambda:x:1:a"])
def test_endpoint_that_is_not_a_function_is_refused(receivers, endpoint):
    code, message = refusal(
        receivers.sns.subscribe, TopicArn=receivers.topic(), Protocol="lambda", Endpoint=endpoint
    )
    assert (code, message) == ("InvalidParameter", "Invalid parameter: Lambda endpoint ARN")


@pytest.mark.observes("bucket-function")
def test_bucket_notifies_the_functions_that_permit_it(receivers, quick_account):
    allowed, refused = receivers.create(), receivers.create()
    s3, bucket = quick_account.s3, unique("bucket")
    s3.create_bucket(Bucket=bucket)
    receivers.permit(allowed, "s3.amazonaws.com", f"arn:aws:s3:::{bucket}")
    rules = [{"Name": "prefix", "Value": "in/"}]
    notifications = [
        {
            "LambdaFunctionArn": arn,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": rules}},
        }
        for arn in (refused, allowed)
    ]
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": notifications}
    )
    for key in ("out/a", "in/a b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"text")
    (event,) = receivers.received(allowed)
    (record,) = event["Records"]
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["bucket"]["name"] == bucket
    assert (record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == ("in/a+b", 4)
    assert receivers.events(refused) == []


@pytest.mark.observes("alarm-function-permission", "alarm-actions")
def test_alarm_invokes_a_function_that_permits_it(receivers):
    allowed, refused = receivers.create(), receivers.create()
    name, alarm_arn = receivers.alarm(refused, allowed)
    receivers.permit(allowed, "lambda.alarms.cloudwatch.amazonaws.com", alarm_arn)
    receivers.trip(name)
    (event,) = receivers.received(allowed)
    assert (event["source"], event["alarmArn"]) == ("aws.cloudwatch", alarm_arn)
    assert event["alarmData"]["state"]["value"] == "ALARM"
    assert event["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert receivers.events(refused) == []

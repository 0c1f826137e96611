"""What alarms, topics, and buckets do: publish to an SNS topic, or invoke a function.

moto would use Docker for the functions that topics and buckets invoke.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudwatch.models import Alarm
from moto.s3 import notifications as bucket_notifications
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription

from local_aws import cloud
from local_aws.processes import closing
from local_aws.records import moment
from local_aws.settings import Settings

# Sends an event to the function with an ARN, for a service and the ARN of its resource.
Send = Callable[[str, str, str, Mapping[str, Any]], None]
_PUBLISH, _SUBSCRIBE = Subscription.publish, SNSBackend.subscribe
# The services that invoke functions.
_ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"
_S3, _SNS = "s3.amazonaws.com", "sns.amazonaws.com"
_PARTS = (7, 8)  # of the ARN of a function, without or with a qualifier
log = logging.getLogger(__name__)


def install(send: Send) -> None:
    """Make moto send the messages of topics and buckets to functions of the local Lambda."""

    def publish(self: Any, message: str, message_id: str, *arguments: Any, **named: Any) -> None:
        if self.protocol != "lambda":
            _PUBLISH(self, message, message_id, *arguments, **named)
            return
        attributes = named.get("message_attributes")
        matcher = self._filter_policy_matcher
        if matcher is None or matcher.matches(attributes, message):
            if named.get("message_structure") == "json":
                message = self._parse_message_structure(message, self.protocol)
            event = _sns_event(self, message, message_id, named.get("subject"), attributes)
            send(self.endpoint, _SNS, self.topic.arn, event)

    topic, backend = Subscription, SNSBackend
    topic.publish, backend.subscribe = publish, _subscribe  # type: ignore[method-assign]

    def invoke(account: str, event: Mapping[str, Any], arn: str, region: str) -> None:
        s3 = event["Records"][0]["s3"]
        s3["object"]["key"] = s3["object"]["key"].replace("%2F", "/")  # which S3 does not encode
        send(arn, _S3, s3["bucket"]["arn"], event)

    buckets: Any = bucket_notifications
    buckets._invoke_awslambda = invoke


def _subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
    parts = endpoint.split(":")
    is_function = parts[2:3] == ["lambda"] and parts[5:6] == ["function"] and len(parts) in _PARTS
    if protocol == "lambda" and not is_function:
        raise SNSInvalidParameter("Invalid parameter: Lambda endpoint ARN")
    return _SUBSCRIBE(self, topic_arn, endpoint, protocol)


def _sns_event(
    subscription: Subscription,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the event with a message, whose addresses have other names than in HTTP requests."""
    sent = subscription.get_post_data(message, message_id, subject)
    addresses = {f"{name}Url": sent.pop(f"{name}URL") for name in ("SigningCert", "Unsubscribe")}
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "EventSource": "aws:sns",
        "Sns": {"Subject": None, **sent, **addresses, "MessageAttributes": attributes or {}},
    }
    return {"Records": [record]}


def act(settings: Settings, send: Send, alarm: Alarm, old_state: str) -> None:
    """Run the actions of the current state of an alarm; a failed one is logged."""
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }
    for arn in actions[alarm.state_value] or []:
        try:
            _run(settings, send, alarm, old_state, arn)
        except (BotoCoreError, ClientError) as error:
            if not closing():
                log.warning("the action %s of the alarm %s failed: %s", arn, alarm.name, error)


def _run(settings: Settings, send: Send, alarm: Alarm, old_state: str, arn: str) -> None:
    region = str(alarm.region_name)
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    if service == "sns":
        subject = f'{alarm.state_value}: "{alarm.name}" in {region}'[:100]
        message = json.dumps(_notification(settings, alarm, old_state))
        sns = cloud.client("sns", settings, region)
        sns.publish(TopicArn=arn, Subject=subject, Message=message)
    elif service == "lambda":
        send(arn, _ALARMS, alarm.alarm_arn, _event(settings, alarm, old_state))
    else:
        log.warning("the local AWS does not reproduce the action %s of alarms", arn)


def _notification(settings: Settings, alarm: Alarm, old_state: str) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": settings.account_id,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": moment(),
        "Region": alarm.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old_state,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic" if alarm.statistic else "ExtendedStatistic",
            "Statistic": (alarm.statistic or "").upper() or alarm.extended_statistic,
            "Unit": alarm.unit,
            "Dimensions": [{"value": item.value, "name": item.name} for item in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
        },
    }


def _event(settings: Settings, alarm: Alarm, old_state: str) -> dict[str, Any]:
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.alarm_arn,
        "accountId": settings.account_id,
        "time": moment(),
        "region": alarm.region_name,
        "alarmData": {
            "alarmName": alarm.name,
            "state": {
                "value": alarm.state_value,
                "reason": alarm.state_reason,
                "reasonData": alarm.state_reason_data,
                "timestamp": moment(),
            },
            "previousState": {"value": old_state},
            "configuration": {"description": alarm.description},
        },
    }

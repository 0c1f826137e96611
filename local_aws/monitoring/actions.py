"""What an alarm does when its state changes: publish to an SNS topic, or invoke a function."""

import json
import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudwatch.models import Alarm

from local_aws import cloud
from local_aws.monitoring.notifications import Send
from local_aws.processes import closing
from local_aws.records import moment
from local_aws.settings import Settings

log = logging.getLogger(__name__)
_SERVICE = "lambda.alarms.cloudwatch.amazonaws.com"  # invokes functions


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
        send(arn, _SERVICE, alarm.alarm_arn, _event(settings, alarm, old_state))
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

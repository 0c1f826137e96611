"""AWS::CloudWatch::Alarm and Dashboard, and AWS::Logs::LogGroup."""

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, change_tags, tag_map
from local_aws.cloudformation.records import Properties

_ALARM = frozenset(
    {"AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic",
     "ExtendedStatistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
     "ComparisonOperator", "TreatMissingData", "Unit", "ActionsEnabled", "AlarmActions",
     "OKActions", "InsufficientDataActions", "Tags"}
)  # fmt: skip
_MAX_ALARM_NAME = 255
_MAX_GROUP_NAME = 512


def _create_alarm(context: Context, properties: Properties) -> str:
    cloudwatch = context.client("cloudwatch")
    name = context.name(properties.get("AlarmName"), _MAX_ALARM_NAME)
    # PutMetricAlarm would overwrite an existing alarm.
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        raise ResourceFailure(f"{name} already exists.")
    return name


def _apply_alarm(context: Context, name: str, old: Properties, new: Properties) -> None:
    cloudwatch = context.client("cloudwatch")
    members = {key: value for key, value in new.items() if key != "Tags"}
    cloudwatch.put_metric_alarm(**{**members, "AlarmName": name})
    arn = context.arn("cloudwatch", f"alarm:{name}")
    change_tags(cloudwatch, {"ResourceARN": arn}, old, new)


def _create_dashboard(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("DashboardName"), _MAX_ALARM_NAME)
    found = context.client("cloudwatch").list_dashboards(DashboardNamePrefix=name)
    if any(entry["DashboardName"] == name for entry in found["DashboardEntries"]):
        raise ResourceFailure(f"Dashboard '{name}' already exists")
    return name


def _apply_dashboard(context: Context, name: str, old: Properties, new: Properties) -> None:
    body = new["DashboardBody"]  # moto has no tags of dashboards
    context.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)


def _create_group(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("LogGroupName"), _MAX_GROUP_NAME)
    tags = {"tags": tag_map(properties["Tags"])} if properties.get("Tags") else {}
    context.client("logs").create_log_group(logGroupName=name, **tags)
    return name


def _apply_group(context: Context, name: str, old: Properties, new: Properties) -> None:
    logs = context.client("logs")
    if "RetentionInDays" in new:
        logs.put_retention_policy(logGroupName=name, retentionInDays=new["RetentionInDays"])
    elif "RetentionInDays" in old:
        logs.delete_retention_policy(logGroupName=name)
    if old:
        change_tags(logs, {"logGroupName": name}, old, new, ("TagLogGroup", "UntagLogGroup"))


PROVIDERS = {
    "AWS::CloudWatch::Alarm": Provider(
        properties=_ALARM,
        create=_create_alarm,
        apply=_apply_alarm,
        attributes=lambda context, name, _: {"Arn": context.arn("cloudwatch", f"alarm:{name}")},
        delete=lambda context, name, _: context.client("cloudwatch").delete_alarms(
            AlarmNames=[name]
        ),
    ),
    "AWS::CloudWatch::Dashboard": Provider(
        properties=frozenset({"DashboardName", "DashboardBody", "Tags"}),
        create=_create_dashboard,
        apply=_apply_dashboard,
        delete=lambda context, name, _: context.client("cloudwatch").delete_dashboards(
            DashboardNames=[name]
        ),
        missing=("ResourceNotFound", "DashboardNotFoundError"),
    ),
    "AWS::Logs::LogGroup": Provider(
        properties=frozenset({"LogGroupName", "RetentionInDays", "Tags"}),
        create=_create_group,
        apply=_apply_group,
        attributes=lambda context, name, _: {"Arn": context.arn("logs", f"log-group:{name}:*")},
        delete=lambda context, name, _: context.client("logs").delete_log_group(logGroupName=name),
    ),
}

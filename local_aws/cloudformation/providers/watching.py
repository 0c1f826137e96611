"""AWS::CloudWatch::Alarm and AWS::SSM::Parameter, which are one call each."""

from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, change_tags, tag_list, tag_map
from local_aws.cloudformation.records import Properties

_ALARM = frozenset(
    {"AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic",
     "ExtendedStatistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
     "ComparisonOperator", "TreatMissingData", "Unit", "ActionsEnabled", "AlarmActions",
     "OKActions", "InsufficientDataActions", "Tags"}
)  # fmt: skip
_MOST_LETTERS = 255


def _create_alarm(context: Context, properties: Properties) -> str:
    watch = context.client("cloudwatch")
    name = context.name(properties.get("AlarmName"), _MOST_LETTERS)
    if watch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:  # it would be overwritten
        raise ResourceFailure(f"{name} already exists.")
    watch.put_metric_alarm(**{**properties, "AlarmName": name})
    return name


def _apply_alarm(context: Context, name: str, old: Properties, new: Properties) -> None:
    if not old:
        return
    watch = context.client("cloudwatch")
    watch.put_metric_alarm(
        **{key: value for key, value in new.items() if key != "Tags"} | {"AlarmName": name}
    )
    arn = _alarm_attributes(context, name, new)["Arn"]
    change_tags(
        tag_map(old.get("Tags")),
        tag_map(new.get("Tags")),
        lambda tags: watch.tag_resource(ResourceARN=arn, Tags=tag_list(tags)),
        lambda keys: watch.untag_resource(ResourceARN=arn, TagKeys=keys),
    )


def _delete_alarm(context: Context, name: str, properties: Properties) -> None:
    context.client("cloudwatch").delete_alarms(AlarmNames=[name])


def _alarm_attributes(context: Context, name: str, properties: Properties) -> dict[str, Any]:
    region = context.region
    return {"Arn": f"arn:aws:cloudwatch:{region.name}:{region.settings.account_id}:alarm:{name}"}


def _create_parameter(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("Name"), _MOST_LETTERS)
    given = {key: value for key, value in properties.items() if key != "Tags"}
    context.client("ssm").put_parameter(
        **{**given, "Name": name}, Tags=tag_list(properties.get("Tags", {}))
    )
    return name


def _apply_parameter(context: Context, name: str, old: Properties, new: Properties) -> None:
    if not old:
        return
    ssm = context.client("ssm")
    given = {key: value for key, value in new.items() if key != "Tags"}
    ssm.put_parameter(**{**given, "Name": name}, Overwrite=True)
    kind = {"ResourceType": "Parameter", "ResourceId": name}
    change_tags(
        old.get("Tags", {}),
        new.get("Tags", {}),
        lambda tags: ssm.add_tags_to_resource(**kind, Tags=tag_list(tags)),
        lambda keys: ssm.remove_tags_from_resource(**kind, TagKeys=keys),
    )


def _delete_parameter(context: Context, name: str, properties: Properties) -> None:
    context.client("ssm").delete_parameter(Name=name)


def _parameter_attributes(context: Context, name: str, properties: Properties) -> dict[str, Any]:
    return {"Type": properties["Type"], "Value": properties["Value"]}


PROVIDERS = {
    "AWS::CloudWatch::Alarm": Provider(
        _ALARM, _create_alarm, _delete_alarm, _alarm_attributes, _apply_alarm
    ),
    "AWS::SSM::Parameter": Provider(
        frozenset({"Name", "Type", "Value", "Description", "Tags"}),
        _create_parameter,
        _delete_parameter,
        _parameter_attributes,
        _apply_parameter,
        ("ParameterNotFound",),
    ),
}

"""AWS::Logs::LogGroup."""

from typing import Any

from local_aws.cloudformation.provider import Context, Provider, tag_map
from local_aws.cloudformation.records import Properties

_MOST_LETTERS = 512


def _create_group(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("LogGroupName"), _MOST_LETTERS)
    tags = {"tags": tag_map(properties["Tags"])} if properties.get("Tags") else {}
    context.client("logs").create_log_group(logGroupName=name, **tags)
    return name


def _apply_group(context: Context, name: str, old: Properties, new: Properties) -> None:
    logs = context.client("logs")
    if "RetentionInDays" in new:
        logs.put_retention_policy(logGroupName=name, retentionInDays=new["RetentionInDays"])
    elif "RetentionInDays" in old:
        logs.delete_retention_policy(logGroupName=name)
    before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
    if old and before != after:
        if before:
            logs.untag_log_group(logGroupName=name, tags=sorted(before))
        if after:
            logs.tag_log_group(logGroupName=name, tags=after)


def _delete_group(context: Context, name: str, properties: Properties) -> None:
    context.client("logs").delete_log_group(logGroupName=name)


def _group_attributes(context: Context, name: str, properties: Properties) -> dict[str, Any]:
    region = context.region
    arn = f"arn:aws:logs:{region.name}:{region.settings.account_id}:log-group:{name}:*"
    return {"Arn": arn}


PROVIDERS = {
    "AWS::Logs::LogGroup": Provider(
        frozenset({"LogGroupName", "RetentionInDays", "Tags"}),
        _create_group,
        _delete_group,
        _group_attributes,
        _apply_group,
    )
}

"""CloudFormation's operations that only tell."""

from typing import Any

from local_aws.cloudformation import macros, parameters, table
from local_aws.cloudformation.errors import StackError
from local_aws.cloudformation.records import Stack, Standing
from local_aws.cloudformation.requests import (
    check_all_types,
    checked_template,
    needed_capabilities,
    template_text,
)
from local_aws.region import Region

_PAGE = 100


def page(
    request: dict[str, Any], items: list[dict[str, Any]], key: str, most: int = _PAGE
) -> dict[str, Any]:
    """Return one page of a listing; its token is the number of the next item."""
    token = request.get("NextToken", "0")
    if not (token.isascii() and token.isdecimal() and len(token) <= len(str(len(items)))):
        raise StackError(f"Invalid NextToken {token!r}")
    start = int(token)
    following = {"NextToken": str(start + most)} if len(items) > start + most else {}
    return {key: items[start : start + most], **following}


def describe_stacks(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Describe one stack, or all that are not deleted."""
    with region.lock:
        if request.get("StackName"):
            stacks = [table.find(region, request["StackName"])]
        else:
            stacks = [
                stack for stack in region.stacks.values() if stack.status != "DELETE_COMPLETE"
            ]
        return page(request, [_described(stack) for stack in stacks], "Stacks")


def _described(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "EnableTerminationProtection": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "Tags": [],
    }
    if stack.request is not None:
        tags = [{"Key": key, "Value": value} for key, value in stack.request.tags.items()]
        found |= {"Parameters": stack.request.shown_parameters, "Tags": tags}
        found |= {"Capabilities": stack.request.capabilities}
        if isinstance(stack.request.template.get("Description"), str):
            found["Description"] = stack.request.template["Description"]
    if stack.outputs:
        found["Outputs"] = stack.outputs
    told = {
        "StackStatusReason": stack.reason,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
    }
    return found | {name: value for name, value in told.items() if value}


def list_stacks(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the stacks, deleted ones too, of the statuses asked for."""
    asked = request.get("StackStatusFilter")
    keys = (
        "StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus",
        "StackStatusReason", "DriftInformation",
    )  # fmt: skip
    with region.lock:
        described = [_described(stack) for stack in region.stacks.values()]
    summaries = [
        {key: item[key] for key in keys if key in item}
        for item in described
        if not asked or item["StackStatus"] in asked
    ]
    return page(request, summaries, "StackSummaries")


def describe_events(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Tell what happened to a stack, the latest first."""
    stack = _named(region, request)
    with region.lock:
        return page(request, list(reversed(stack.events)), "StackEvents")


def _named(region: Region, request: dict[str, Any]) -> Stack:
    name = request.get("StackName", "")
    return table.find(region, name, f"Stack [{name}] does not exist")


def _resource(stack: Stack, logical_id: str, standing: Standing, time_key: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "LogicalResourceId": logical_id,
        "ResourceType": standing.kind,
        time_key: standing.time,
        "ResourceStatus": standing.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }
    if standing.physical_id:
        found["PhysicalResourceId"] = standing.physical_id
    if standing.reason:
        found["ResourceStatusReason"] = standing.reason
    return found


def _whole(stack: Stack) -> dict[str, str]:
    return {"StackName": stack.name, "StackId": stack.stack_id}


def describe_resource(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Describe one resource of a stack."""
    stack, logical_id = _named(region, request), request["LogicalResourceId"]
    with region.lock:
        if logical_id not in stack.standings:
            raise StackError(f"Resource {logical_id} does not exist for stack {stack.name}")
        standing = stack.standings[logical_id]
        found = _resource(stack, logical_id, standing, "LastUpdatedTimestamp")
    return {"StackResourceDetail": {**_whole(stack), **found}}


def describe_resources(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Describe the resources of a stack, or the one asked for."""
    if request.get("PhysicalResourceId"):
        raise StackError("The local AWS does not reproduce PhysicalResourceId here.")
    stack, asked = _named(region, request), request.get("LogicalResourceId")
    with region.lock:
        found = [
            {**_whole(stack), **_resource(stack, name, standing, "Timestamp")}
            for name, standing in list(stack.standings.items())
            if asked in (None, name)
        ]
    return {"StackResources": found}


def list_resources(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the resources of a stack."""
    stack = _named(region, request)
    with region.lock:
        found = [
            _resource(stack, name, standing, "LastUpdatedTimestamp")
            for name, standing in list(stack.standings.items())
        ]
    return page(request, found, "StackResourceSummaries")


def get_template(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Return the template of a stack: as it was sent, or with its macros expanded."""
    stack = _named(region, request)
    if stack.request is None:
        return {"StagesAvailable": []}
    if request.get("TemplateStage") == "Processed":
        import json

        body = json.dumps(stack.request.template)
    else:
        body = stack.request.body
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def summarize_template(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Tell which parameters and capabilities a template asks for."""
    if request.get("StackName"):
        stack = _named(region, request)
        template = checked_template(stack.request.body if stack.request else "")
    else:
        template = checked_template(template_text(region, request, None))
    kinds = sorted({item["Type"] for item in template["Resources"].values() if "Type" in item})
    return {**_declared(template), "ResourceTypes": kinds, "Version": "2010-09-09"}


def validate_template(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Check a template without making anything."""
    template = checked_template(template_text(region, request, None))
    check_all_types(template)
    found = _declared(template)
    keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
    found["Parameters"] = [
        {key: item[key] for key in keys if key in item} for item in found["Parameters"]
    ]
    return found


def _declared(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Parameters": parameters.summaries(template.get("Parameters", {}))}
    transforms = macros.transforms_of(template)
    if transforms:
        found |= {"DeclaredTransforms": transforms, "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
        found["CapabilitiesReason"] = f"The template has the transforms {transforms}"
    else:
        capabilities, kinds = needed_capabilities(template)
        if capabilities:
            reason = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
            found |= {"Capabilities": capabilities, "CapabilitiesReason": reason}
    if isinstance(template.get("Description"), str):
        found["Description"] = template["Description"]
    return found


OPERATIONS = {
    "DescribeStacks": describe_stacks,
    "ListStacks": list_stacks,
    "DescribeStackEvents": describe_events,
    "DescribeStackResource": describe_resource,
    "DescribeStackResources": describe_resources,
    "ListStackResources": list_resources,
    "GetTemplate": get_template,
    "GetTemplateSummary": summarize_template,
    "ValidateTemplate": validate_template,
}

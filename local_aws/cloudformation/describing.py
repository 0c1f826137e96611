"""The operations that describe stacks and templates.

A response has only the members of its operation that are not None.
"""

import json
from typing import Any

from local_aws import paging
from local_aws.cloudformation import macros, parameters, table
from local_aws.cloudformation.errors import StackError
from local_aws.cloudformation.provider import tag_list
from local_aws.cloudformation.records import Region, Stack
from local_aws.cloudformation.requests import (
    check_all_types,
    checked_template,
    needed_capabilities,
    resources_of,
    template_text,
)

_PAGE_SIZE = 100


def page(request: dict[str, Any], items: list[Any], key: str) -> dict[str, Any]:
    """Return one page of a listing."""
    token = request.get("NextToken", "0")
    refusal = StackError(f"Invalid NextToken {token!r}")
    return paging.page(items, (key, "NextToken"), token, _PAGE_SIZE, refusal)


def _describe_stacks(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    with region.lock:
        existing = [each for each in region.stacks.values() if each.status != "DELETE_COMPLETE"]
        stacks = [table.requested(region, request)] if request.get("StackName") else existing
        return page(request, [_description(stack) for stack in stacks], "Stacks")


def _description(stack: Stack) -> dict[str, Any]:
    described: dict[str, Any] = {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason or None,
        "RoleARN": stack.role or None,
        "Outputs": stack.outputs or None,
        "Tags": [],
        "DisableRollback": stack.on_failure == "DO_NOTHING",
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }
    if stack.request is not None:
        described |= {
            "Description": _text(stack.request.template),
            "Parameters": parameters.describe(stack.request),
            "Tags": tag_list(stack.request.tags),
            "Capabilities": stack.request.capabilities,
        }
    return described


def _text(template: dict[str, Any]) -> str | None:
    """Return the description of a template, if it has a valid one."""
    text = template.get("Description")
    return text if isinstance(text, str) else None


def list_stacks(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the stacks with the requested statuses, including deleted ones."""
    statuses = request.get("StackStatusFilter")
    with region.lock:
        summaries = [
            _description(stack)
            for stack in region.stacks.values()
            if not statuses or stack.status in statuses
        ]
    return page(request, summaries, "StackSummaries")


def describe_events(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the events of a stack, the latest first."""
    stack = table.requested(region, request)
    with region.lock:
        return page(request, list(reversed(stack.events)), "StackEvents")


def _resources(region: Region, request: dict[str, Any]) -> list[dict[str, Any]]:
    """Describe the resources of a stack by their last events."""
    stack = table.requested(region, request)
    with region.lock:
        events = stack.last_events().values()
    return [
        {
            **event,
            "PhysicalResourceId": event["PhysicalResourceId"] or None,
            "LastUpdatedTimestamp": event["Timestamp"],
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        for event in events
    ]


def _describe_resource(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    logical_id = request["LogicalResourceId"]
    for item in _resources(region, request):
        if item["LogicalResourceId"] == logical_id:
            return {"StackResourceDetail": item}
    raise StackError(f"Resource {logical_id} does not exist for stack {request['StackName']}")


def _describe_resources(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    logical_id, resources = request.get("LogicalResourceId"), _resources(region, request)
    chosen = [item for item in resources if logical_id in (None, item["LogicalResourceId"])]
    return {"StackResources": chosen}


def _list_resources(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    return page(request, _resources(region, request), "StackResourceSummaries")


def get_template(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Return the template of a stack, as it was sent or with its macros expanded."""
    stack = table.requested(region, request)
    if stack.request is None:
        return {"StagesAvailable": []}
    processed = request.get("TemplateStage") == "Processed"
    body = json.dumps(stack.request.template) if processed else stack.request.body
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def summarize_template(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters, capabilities, and types of a template."""
    if request.get("StackName"):
        stack = table.requested(region, request)
        template = checked_template(stack.request.body if stack.request else "")
    else:
        template = checked_template(template_text(region, request, None))
    kinds = (item.get("Type") for item in resources_of(template).values())
    types = sorted({kind for kind in kinds if isinstance(kind, str)})
    return {**_declared(template), "ResourceTypes": types, "Version": "2010-09-09"}


def validate_template(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Check a template without creating anything."""
    template = checked_template(template_text(region, request, None))
    check_all_types(template)
    return _declared(template)


def _list_exports(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    items = [
        {
            "ExportingStackId": stack.stack_id,
            "Name": item["ExportName"],
            "Value": item["OutputValue"],
        }
        for stack, item in table.exports(region)
    ]
    return page(request, sorted(items, key=lambda item: item["Name"]), "Exports")


def _declared(template: dict[str, Any]) -> dict[str, Any]:
    declared: dict[str, Any] = {
        "Description": _text(template),
        "Parameters": parameters.summaries(template.get("Parameters", {})),
    }
    transforms = macros.transforms_of(template)
    if transforms:
        declared |= {"DeclaredTransforms": transforms, "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
        declared["CapabilitiesReason"] = f"The template has the transforms {transforms}"
    else:
        capabilities, kinds = needed_capabilities(template)
        if capabilities:
            reason = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
            declared |= {"Capabilities": capabilities, "CapabilitiesReason": reason}
    return declared


OPERATIONS = {
    "DescribeStacks": _describe_stacks,
    "ListStacks": list_stacks,
    "DescribeStackEvents": describe_events,
    "DescribeStackResource": _describe_resource,
    "DescribeStackResources": _describe_resources,
    "ListStackResources": _list_resources,
    "GetTemplate": get_template,
    "GetTemplateSummary": summarize_template,
    "ValidateTemplate": validate_template,
    "ListExports": _list_exports,
}

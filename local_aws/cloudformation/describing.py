"""The operations that describe stacks and templates."""

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
from local_aws.errors import not_reproduced

_PAGE_SIZE = 100
_SUMMARY_KEYS = (
    "StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus",
    "StackStatusReason", "DriftInformation",
)  # fmt: skip


def page(request: dict[str, Any], items: list[Any], key: str) -> dict[str, Any]:
    """Return one page of a listing."""
    token = request.get("NextToken", "0")
    refusal = StackError(f"Invalid NextToken {token!r}")
    return paging.page(items, (key, "NextToken"), token, _PAGE_SIZE, refusal)


def _describe_stacks(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    with region.lock:
        if request.get("StackName"):
            stacks = [table.find(region, request["StackName"])]
        else:
            stacks = [
                stack for stack in region.stacks.values() if stack.status != "DELETE_COMPLETE"
            ]
        return page(request, [_description(stack) for stack in stacks], "Stacks")


def _description(stack: Stack) -> dict[str, Any]:
    described: dict[str, Any] = {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "Tags": [],
    }
    optional = {
        "Outputs": stack.outputs,
        "StackStatusReason": stack.reason,
        "LastUpdatedTime": stack.updated,
        "RoleARN": stack.role,
        "DeletionTime": stack.deleted,
    }
    if stack.request is not None:
        described["Parameters"] = stack.request.described_parameters
        described["Tags"] = tag_list(stack.request.tags)
        described["Capabilities"] = stack.request.capabilities
        description = stack.request.template.get("Description")
        optional["Description"] = description if isinstance(description, str) else None
    return described | {name: value for name, value in optional.items() if value}


def list_stacks(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the stacks with the requested statuses, including deleted ones."""
    statuses = request.get("StackStatusFilter")
    with region.lock:
        described = [_description(stack) for stack in region.stacks.values()]
    summaries = [
        {key: item[key] for key in _SUMMARY_KEYS if key in item}
        for item in described
        if not statuses or item["StackStatus"] in statuses
    ]
    return page(request, summaries, "StackSummaries")


def describe_events(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """List the events of a stack, the latest first."""
    stack = table.requested(region, request)
    with region.lock:
        return page(request, list(reversed(stack.events)), "StackEvents")


def _resources(region: Region, stack: Stack, time_key: str) -> list[dict[str, Any]]:
    """Describe the resources of a stack in the members that all operations share."""
    with region.lock:
        statuses = dict(stack.statuses)
    described = []
    for logical_id, resource in statuses.items():
        item: dict[str, Any] = {
            "LogicalResourceId": logical_id,
            "ResourceType": resource.kind,
            time_key: resource.time,
            "ResourceStatus": resource.status,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        if resource.physical_id:
            item["PhysicalResourceId"] = resource.physical_id
        if resource.reason:
            item["ResourceStatusReason"] = resource.reason
        described.append(item)
    return described


def _describe_resource(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    stack, logical_id = table.requested(region, request), request["LogicalResourceId"]
    for item in _resources(region, stack, "LastUpdatedTimestamp"):
        if item["LogicalResourceId"] == logical_id:
            names = {"StackName": stack.name, "StackId": stack.stack_id}
            return {"StackResourceDetail": {**names, **item}}
    raise StackError(f"Resource {logical_id} does not exist for stack {stack.name}")


def _describe_resources(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    if request.get("PhysicalResourceId"):
        raise not_reproduced("PhysicalResourceId of DescribeStackResources")
    stack, logical_id = table.requested(region, request), request.get("LogicalResourceId")
    names = {"StackName": stack.name, "StackId": stack.stack_id}
    resources = [
        {**names, **item}
        for item in _resources(region, stack, "Timestamp")
        if logical_id in (None, item["LogicalResourceId"])
    ]
    return {"StackResources": resources}


def _list_resources(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    resources = _resources(region, table.requested(region, request), "LastUpdatedTimestamp")
    return page(request, resources, "StackResourceSummaries")


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
    declared = _declared(template)
    keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
    declared["Parameters"] = [
        {key: item[key] for key in keys if key in item} for item in declared["Parameters"]
    ]
    return declared


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


def _list_imports(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    name = request["ExportName"]
    users = table.importers(region, name)
    if not users:
        raise StackError(f"Export '{name}' is not imported by any stack.")
    return page(request, users, "Imports")


def _declared(template: dict[str, Any]) -> dict[str, Any]:
    declared: dict[str, Any] = {"Parameters": parameters.summaries(template.get("Parameters", {}))}
    transforms = macros.transforms_of(template)
    if transforms:
        declared |= {"DeclaredTransforms": transforms, "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
        declared["CapabilitiesReason"] = f"The template has the transforms {transforms}"
    else:
        capabilities, kinds = needed_capabilities(template)
        if capabilities:
            reason = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
            declared |= {"Capabilities": capabilities, "CapabilitiesReason": reason}
    if isinstance(template.get("Description"), str):
        declared["Description"] = template["Description"]
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
    "ListImports": _list_imports,
}

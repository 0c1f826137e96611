"""Make, change and delete stacks of the local AWS, for tests."""

import json
from collections.abc import Mapping
from typing import Any

from local_aws.tests.account import Account, eventually, unique

CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """Return a resource of a template."""
    return {"Type": kind, "Properties": properties}


class Stacks:
    """A client of CloudFormation that waits for what it begins."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.client = account.aws.client("cloudformation")

    def begin(self, resources: Mapping[str, Any], **more: Any) -> str:
        """Begin to create a stack of some resources; return its name."""
        name = more.pop("StackName", None) or unique("stack")
        template = {"Resources": resources, **more.pop("sections", {})}
        self.client.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=CAPABILITIES, **more
        )
        return str(name)

    def create(self, resources: Mapping[str, Any], **more: Any) -> str:
        """Create a stack and check that it is complete; return its name."""
        name = self.begin(resources, **more)
        self.ended(name, "CREATE_COMPLETE")
        return name

    def update(
        self, name: str, resources: Mapping[str, Any], ending: str = "UPDATE_COMPLETE", **more: Any
    ) -> dict[str, Any]:
        """Update a stack and check how it ended; return its description."""
        template = {"Resources": resources, **more.pop("sections", {})}
        self.client.update_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=CAPABILITIES, **more
        )
        return self.ended(name, ending)

    def delete(self, name: str, ending: str = "DELETE_COMPLETE") -> dict[str, Any]:
        """Delete a stack and check how that ended; return its description."""
        stack_id = self.describe(name)["StackId"]
        self.client.delete_stack(StackName=name)
        return self.ended(stack_id, ending)

    def describe(self, name: str) -> dict[str, Any]:
        """Describe a stack."""
        return dict(self.client.describe_stacks(StackName=name)["Stacks"][0])

    def ended(self, name: str, ending: str) -> dict[str, Any]:
        """Wait until nothing is in progress; check the status, and return the description."""

        def look() -> Any:
            found = self.describe(name)
            return None if found["StackStatus"].endswith("IN_PROGRESS") else found

        found = dict(eventually(look))
        assert found["StackStatus"] == ending, self.events(name)
        return found

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        found = self.describe(name).get("Outputs", [])
        return {item["OutputKey"]: item["OutputValue"] for item in found}

    def physical(self, name: str) -> dict[str, str]:
        """Return the physical ids of the resources that a stack has, by logical id."""
        listed = self.client.list_stack_resources(StackName=name)["StackResourceSummaries"]
        return {
            item["LogicalResourceId"]: item.get("PhysicalResourceId", "")
            for item in listed
            if item["ResourceStatus"] not in ("DELETE_COMPLETE", "DELETE_SKIPPED")
        }

    def events(self, name: str) -> list[tuple[str, str, str]]:
        """Return logical id, status and reason of what happened, the first one first."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=name)
        found = [event for page in pages for event in page["StackEvents"]]
        return [
            (
                event["LogicalResourceId"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason", ""),
            )
            for event in reversed(found)
        ]

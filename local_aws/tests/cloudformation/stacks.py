"""Create, change, and delete stacks of the local AWS, for tests."""

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


# The local AWS fails a resource with this property, whose type it reproduces.
REFUSED_BUCKET = resource("AWS::S3::Bucket", WebsiteConfiguration={"IndexDocument": "index.html"})


class Stacks:
    """A client of CloudFormation that waits for the end of each operation."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.client = account.aws.client("cloudformation")

    def start(self, resources: Mapping[str, Any], **options: Any) -> str:
        """Start the creation of a stack; return its name."""
        name = options.pop("StackName", None) or unique("stack")
        template = {"Resources": resources, **options.pop("sections", {})}
        self.client.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=CAPABILITIES, **options
        )
        return str(name)

    def create(self, resources: Mapping[str, Any], **options: Any) -> str:
        """Create a stack and check that it is complete; return its name."""
        name = self.start(resources, **options)
        self.wait(name, "CREATE_COMPLETE")
        return name

    def update(
        self,
        name: str,
        resources: Mapping[str, Any],
        status: str = "UPDATE_COMPLETE",
        **options: Any,
    ) -> dict[str, Any]:
        """Update a stack and check its final status; return its description."""
        template = {"Resources": resources, **options.pop("sections", {})}
        self.client.update_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=CAPABILITIES, **options
        )
        return self.wait(name, status)

    def delete(self, name: str, status: str = "DELETE_COMPLETE") -> dict[str, Any]:
        """Delete a stack and check its final status; return its description."""
        stack_id = self.describe(name)["StackId"]
        self.client.delete_stack(StackName=name)
        return self.wait(stack_id, status)

    def describe(self, name: str) -> dict[str, Any]:
        """Describe a stack."""
        return dict(self.client.describe_stacks(StackName=name)["Stacks"][0])

    def ids(self, name: str) -> list[str]:
        """Return the ids of all stacks that have or had a name."""
        pages = self.client.get_paginator("list_stacks").paginate()
        stacks = [stack for page in pages for stack in page["StackSummaries"]]
        return [stack["StackId"] for stack in stacks if stack["StackName"] == name]

    def wait(self, name: str, status: str) -> dict[str, Any]:
        """Wait for the end of the operation; check the status and return the description."""

        def look() -> Any:
            stack = self.describe(name)
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        stack = dict(eventually(look))
        assert stack["StackStatus"] == status, self.events(name)
        return stack

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        outputs = self.describe(name).get("Outputs", [])
        return {item["OutputKey"]: item["OutputValue"] for item in outputs}

    def physical(self, name: str) -> dict[str, str]:
        """Return the physical ids of the resources that a stack has, by logical id."""
        resources = self.client.list_stack_resources(StackName=name)["StackResourceSummaries"]
        return {
            item["LogicalResourceId"]: item.get("PhysicalResourceId", "")
            for item in resources
            if item["ResourceStatus"] not in ("DELETE_COMPLETE", "DELETE_SKIPPED")
        }

    def events(self, name: str) -> list[tuple[str, str, str]]:
        """Return the logical id, status, and reason of each event, the first event first."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=name)
        events = [event for page in pages for event in page["StackEvents"]]
        return [
            (
                event["LogicalResourceId"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason", ""),
            )
            for event in reversed(events)
        ]

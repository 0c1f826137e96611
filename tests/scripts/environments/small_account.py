"""An account in memory that remembers which run created each resource, for tests of plans.

Endpoints and stacks are complete when they are described for the first time.
"""

import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from scripts.account.aws import Aws
from tests.scripts.environments.resources import (
    KINDS,
    AlreadyExists,
    Change,
    Parameters,
    Resource,
    outputs_of,
    refusal,
)

_LISTS = {
    "list_models": ("model", "Models"),
    "list_endpoint_configs": ("endpoint_config", "EndpointConfigs"),
    "list_endpoints": ("endpoint", "Endpoints"),
    "list_model_package_groups": ("model_package_group", "ModelPackageGroupSummaryList"),
    "list_hyper_parameter_tuning_jobs": (
        "hyper_parameter_tuning_job",
        "HyperParameterTuningJobSummaries",
    ),
    "describe_stacks": ("stack", "Stacks"),
}
_NO_EFFECT = (
    *("update_model_package", "head_object", "head_bucket", "put_object", "update_alias"),
    *("create_log_group", "put_retention_policy", "delete_log_group"),
    *("tag_resource", "list_tags", "get_function_configuration"),
)
_VERSION = {
    "ResourceType": "AWS::Lambda::Version",
    "ResourceStatus": "CREATE_COMPLETE",
    "PhysicalResourceId": "arn:function:2",
}
_VERSIONS = {  # the version that an alias serves, and the one that its stack names
    "get_alias": {"FunctionVersion": "2", "RevisionId": "r"},
    "describe_stack_resources": {"StackResources": [_VERSION]},
}
_ANSWERS = ("invoke", "invoke_endpoint")
_ANSWER = b'{"predictions": [{"label": "a"}]}'


@dataclass
class SmallAccount:
    """The resources of a region, and the changes that runs made to them."""

    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    failing: set[int] = field(default_factory=set)  # runs whose endpoints and stacks fail
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def create(self, person: "Person", kind: str, parameters: Parameters) -> Parameters:
        """Create a resource; refuse a name that is taken."""
        name_key, arn_key = KINDS[kind]
        number = next(self._numbers)
        name = parameters.get(name_key, f"package-{number}")
        if (kind, name) in self.resources:
            if kind == "stack":
                raise refusal("create", f"Stack [{name}] already exists", AlreadyExists)
            raise refusal("create", f"Cannot create already existing {kind} {name!r}.")
        arn = f"arn:aws:sagemaker:us-east-1:123456789012:{kind}/{name}/{number}"
        status = {"EndpointStatus": "Creating", "StackStatus": "CREATE_IN_PROGRESS"}
        members = {"Tags": [], "Outputs": outputs_of(name), **parameters, **status}
        members |= {name_key: name, arn_key: arn}
        self.resources[kind, name] = Resource(kind, name, person.run, person.stack, members)
        return members

    def find(self, kind: str, name: str) -> Resource:
        """Return a resource by name, or by id; refuse a name that does not exist."""
        for resource in self.resources.values():
            if resource.kind == kind and name in (resource.name, resource.members[KINDS[kind][1]]):
                return resource
        raise refusal("describe", f"Could not find {kind}: {name} does not exist")

    def describe(self, kind: str, name: str) -> Parameters:
        """Return a resource, whose operation in progress ends now."""
        resource = self.find(kind, name)
        members = resource.members
        failed = members.pop("changed by", resource.run) in self.failing
        if kind == "endpoint" and members["EndpointStatus"] == "Creating":
            members["EndpointStatus"] = "Failed" if failed else "InService"
        elif kind == "endpoint" and members["EndpointStatus"] == "Updating":
            before = members.pop("before")
            members["EndpointStatus"] = "InService"
            members["EndpointConfigName"] = before if failed else members["EndpointConfigName"]
        elif members["StackStatus"].endswith("_IN_PROGRESS"):
            verb = members["StackStatus"].partition("_")[0]
            members["StackStatus"] = {
                ("CREATE", True): "ROLLBACK_COMPLETE",
                ("UPDATE", True): "UPDATE_ROLLBACK_COMPLETE",
            }.get((verb, failed), f"{verb}_COMPLETE")
        return dict(members)

    def update(self, person: "Person", kind: str, parameters: Parameters) -> Parameters:
        """Update an endpoint or a stack."""
        resource = self.find(kind, parameters[KINDS[kind][0]])
        members = resource.members
        if kind == "endpoint" and members["EndpointStatus"] != "InService":
            raise refusal("update", f"Cannot update in-progress endpoint {resource.name}.")
        self._note(f"update_{kind}", person, resource)
        before = {"before": members.get("EndpointConfigName"), "changed by": person.run}
        members |= {**parameters, **before}
        members |= {"EndpointStatus": "Updating", "StackStatus": "UPDATE_IN_PROGRESS"}
        return members

    def _note(self, operation: str, person: "Person", resource: Resource) -> None:
        status = resource.members["StackStatus"]
        used = {each.members["EndpointConfigName"] for each in self.of_kind("endpoint")}
        change = Change(
            operation, person.run, person.stack, resource, status, resource.name in used
        )
        self.changes.append(change)

    def delete(self, person: "Person", kind: str, parameters: Parameters) -> Parameters:
        """Delete a resource."""
        resource = self.find(kind, parameters[KINDS[kind][0]])
        if kind == "endpoint" and resource.members["EndpointStatus"] in ("Creating", "Updating"):
            raise refusal("delete", f"Cannot update in-progress endpoint {resource.name}.")
        self._note(f"delete_{kind}", person, resource)
        del self.resources[kind, resource.name]
        return {}

    def delete_objects(self, person: "Person", parameters: Parameters) -> Parameters:
        """Delete objects that exist."""
        for item in parameters["Delete"]["Objects"]:
            if ("object", item["Key"]) in self.resources:
                self.delete(person, "object", item)
        return {}

    def add_tags(self, parameters: Parameters) -> Parameters:
        """Add or replace tags of a resource."""
        arn, tags = parameters["ResourceArn"], parameters["Tags"]
        for resource in self.resources.values():
            if arn == resource.members[KINDS[resource.kind][1]]:
                keys = {tag["Key"] for tag in tags}
                kept = [tag for tag in resource.members["Tags"] if tag["Key"] not in keys]
                resource.members["Tags"] = [*kept, *tags]
        return {}

    def page(self, operation: str, parameters: Parameters) -> Parameters:
        """Return the only page of a list."""
        if operation == "list_object_versions":
            bucket, prefix = parameters["Bucket"], parameters["Prefix"]
            objects = [one.members for one in self.of_kind("object") if one.name.startswith(prefix)]
            found = [each for each in objects if each["Bucket"] == bucket]
            return {"Versions": [{"Key": one["Key"], "VersionId": one["ETag"]} for one in found]}
        if operation == "list_tags":
            arn = parameters["ResourceArn"]
            for resource in self.resources.values():
                if arn == resource.members[KINDS[resource.kind][1]]:
                    return {"Tags": resource.members["Tags"]}
            raise refusal("list_tags", f"Could not find {arn}")
        if operation == "list_model_packages":
            group = parameters["ModelPackageGroupName"]
            packages = [each.members for each in self.of_kind("model_package")]
            found = [each for each in packages if each["ModelPackageGroupName"] == group]
            return {"ModelPackageSummaryList": found}
        if operation == "describe_stacks":
            return {"Stacks": [dict(each.members) for each in self.of_kind("stack")]}
        if operation == "list_versions_by_function":
            return {"Versions": [{"Version": "$LATEST"}, {"Version": "1"}, {"Version": "2"}]}
        if operation in _LISTS:
            kind, key = _LISTS[operation]
            text = parameters.get("NameContains", "")
            return {key: [dict(one.members) for one in self.of_kind(kind) if text in one.name]}
        return {}

    def of_kind(self, kind: str) -> list[Resource]:
        """Return the resources of a kind."""
        return [each for each in self.resources.values() if each.kind == kind]

    def call(self, person: "Person", operation: str, parameters: Parameters) -> Any:
        """Return the response of an operation."""
        verb, _, kind = operation.partition("_")
        if operation in ("describe_stacks", "describe_stack_events"):
            stack = self.describe("stack", parameters["StackName"])
            return {"Stacks": [stack], "StackEvents": [stack]}
        if operation in _ANSWERS:
            return {name: io.BytesIO(_ANSWER) for name in ("Body", "Payload")}
        if operation in _VERSIONS:
            return _VERSIONS[operation]
        if operation == "add_tags":
            return self.add_tags(parameters)
        if operation == "copy":
            return self.create(person, "object", parameters)
        if operation in _NO_EFFECT:
            return {"ContentLength": -1, "Metadata": {}}
        if operation == "get_object":
            raise refusal(operation, "NoSuchKey")
        if operation == "delete_objects":
            return self.delete_objects(person, parameters)
        if verb == "describe":
            return self.describe(kind, parameters[KINDS[kind][0]])
        return getattr(self, verb)(person, kind, parameters)


@cache
def service_model(service: str) -> ServiceModel:
    """Return AWS's model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


class Person(Aws):
    """AWS as one run of a command sees it: with calls of others between its own, and Ctrl-C.

    `around` is called with the number of each call that changes something: before it, and again
    when the change was made, but before its response arrives.
    """

    account_id = "123456789012"
    user_arn = "arn:aws:iam::123456789012:user/x"

    def __init__(
        self,
        account: SmallAccount,
        run: int,
        stack: str,
        around: Callable[[int, bool], None] = lambda number, after: None,
    ) -> None:
        super().__init__("us-east-1")
        self.account, self.run, self.stack = account, run, stack
        self._around = around
        self._numbers = itertools.count()

    def client(self, service: str) -> Any:
        """Return a client whose operations work on the account in memory."""
        exceptions = SimpleNamespace(
            ClientError=ClientError,
            AlreadyExistsException=AlreadyExists,
            NoSuchBucket=KeyError,
            ModelError=KeyError,
        )
        return _Client(self, exceptions, SimpleNamespace(service_model=service_model(service)))

    def new_client(self, service: str, **options: Any) -> Any:
        """Return a client like any other."""
        return self.client(service)

    def perform(self, operation: str, parameters: Parameters) -> Any:
        """Perform an operation, with what happens around it."""
        changes = operation.startswith(("create_", "copy", "update_", "delete_"))
        number = next(self._numbers) if changes else -1
        if changes:
            self._around(number, False)
        response = self.account.call(self, operation, parameters)
        if changes:
            self._around(number, True)
        return response

    def pause(self) -> None:
        """Do not wait."""


class _Client:
    def __init__(self, person: Person, exceptions: SimpleNamespace, meta: SimpleNamespace) -> None:
        self._person, self.exceptions, self.meta = person, exceptions, meta

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **parameters: self._person.perform(operation, parameters)

    def get_paginator(self, operation: str) -> Any:
        account = self._person.account
        return SimpleNamespace(paginate=lambda **parameters: [account.page(operation, parameters)])

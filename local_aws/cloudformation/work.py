"""Work on one resource: create, update, replace, or delete it, and wait until that is done."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloudformation import schemas
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, refuse
from local_aws.cloudformation.providers import PROVIDERS
from local_aws.cloudformation.records import Properties, Region, Resource, Stack
from local_aws.errors import ServiceError

log = logging.getLogger(__name__)


class Worker:
    """Creates, changes, and deletes the resources of one stack and records the events."""

    def __init__(self, region: Region, stack: Stack) -> None:
        self._region, self._stack = region, stack

    def create(self, blank: Resource) -> Resource:
        """Create a resource; on ResourceFailure, what exists of it is deleted again."""
        self._stack.set_resource_status(blank, "CREATE_IN_PROGRESS")
        return self._create(blank, "CREATE")

    def replace(self, old: Resource, new: Resource) -> Resource:
        """Create the replacement of a resource that cannot change in place."""
        self._stack.set_resource_status(
            old,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating "
            "one.",
        )
        return self._create(new, "UPDATE")

    def _create(self, resource: Resource, verb: str) -> Resource:
        set_status = self._stack.set_resource_status
        try:
            provider, context = self._provider(resource), self._context(resource)
            physical_id = _call(lambda: provider.create(context, resource.properties))
            resource = replace(resource, physical_id=physical_id)
            set_status(resource, f"{verb}_IN_PROGRESS", "Resource creation Initiated")
            resource = self._apply(provider, resource, {})
        except ResourceFailure as failure:
            set_status(resource, f"{verb}_FAILED", str(failure))
            if resource.physical_id:
                self.delete(resource)
            raise
        set_status(resource, f"{verb}_COMPLETE")
        return resource

    def update(self, old: Resource, new: Resource) -> Resource:
        """Change a resource in place; a ResourceFailure may leave the change half done."""
        new = replace(new, physical_id=old.physical_id)
        self._stack.set_resource_status(new, "UPDATE_IN_PROGRESS")
        try:
            changed = self._apply(self._provider(new), new, old.properties)
        except ResourceFailure as failure:
            self._stack.set_resource_status(new, "UPDATE_FAILED", str(failure))
            raise
        self._stack.set_resource_status(changed, "UPDATE_COMPLETE")
        return changed

    def delete(self, resource: Resource) -> bool:
        """Delete a resource, which may be gone already; return whether that succeeded."""
        self._stack.set_resource_status(resource, "DELETE_IN_PROGRESS")
        provider, context = PROVIDERS[resource.kind], self._context(resource)
        physical_id, properties = resource.physical_id, resource.properties
        try:
            _call(lambda: provider.delete(context, physical_id, properties), provider.missing)
        except ResourceFailure as failure:
            self._stack.set_resource_status(resource, "DELETE_FAILED", str(failure))
            return False
        self._stack.set_resource_status(resource, "DELETE_COMPLETE")
        return True

    def _apply(self, provider: Provider, resource: Resource, old: Properties) -> Resource:
        context = self._context(resource)
        physical_id, properties = resource.physical_id, resource.properties
        apply = provider.apply
        if apply is not None:
            _call(lambda: apply(context, physical_id, old, properties))
        elif old:
            names = schemas.changed_names(old, properties)
            refuse(f"{resource.kind} after its creation, a change", set(names))
        attributes = _call(lambda: provider.attributes(context, physical_id, properties))
        return replace(resource, attributes=attributes)

    @staticmethod
    def _provider(resource: Resource) -> Provider:
        provider = PROVIDERS[resource.kind]
        refuse(resource.kind, resource.properties.keys() - provider.properties)
        return provider

    def _context(self, resource: Resource) -> Context:
        return Context(
            self._region,
            self._stack.name,
            resource.logical_id,
            self._stack.role,
            resource.update_policy,
        )


def _call(step: Callable[[], Any], missing: tuple[str, ...] = ()) -> Any:
    """Run a step of a provider; any error in it becomes a ResourceFailure."""
    try:
        return step()
    except ClientError as error:
        if error.response["Error"]["Code"] in missing:
            return None
        raise ResourceFailure(_reason(error)) from error
    except ServiceError as error:
        raise ResourceFailure(error.message) from error
    except BotoCoreError as error:
        raise ResourceFailure(f"Invalid request provided: {error}") from error
    except ResourceFailure:
        raise
    except Exception as error:
        log.exception("the work on a resource failed")
        raise ResourceFailure(f"The local AWS failed: {error!r}") from error


def _reason(error: ClientError) -> str:
    details, meta = error.response["Error"], error.response["ResponseMetadata"]
    return (
        f"{details.get('Message', error)} (Status Code: {meta.get('HTTPStatusCode')}; "
        f"Error Code: {details.get('Code')}; Request ID: {meta.get('RequestId', '-')})"
    )

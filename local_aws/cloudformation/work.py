"""Work on one resource: create, update, replace, or delete it, and wait until that is done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

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
            provider = _provider(resource)
            with _failures():
                physical_id = provider.create(self._context(resource), resource.properties)
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
            changed = self._apply(_provider(new), new, old.properties)
        except ResourceFailure as failure:
            self._stack.set_resource_status(new, "UPDATE_FAILED", str(failure))
            raise
        self._stack.set_resource_status(changed, "UPDATE_COMPLETE")
        return changed

    def delete(self, resource: Resource) -> bool:
        """Delete a resource, which may be gone already; return whether that succeeded."""
        self._stack.set_resource_status(resource, "DELETE_IN_PROGRESS")
        provider, context = PROVIDERS[resource.kind], self._context(resource)
        try:
            with _failures(provider.missing):
                provider.delete(context, resource.physical_id, resource.properties)
        except ResourceFailure as failure:
            self._stack.set_resource_status(resource, "DELETE_FAILED", str(failure))
            return False
        self._stack.set_resource_status(resource, "DELETE_COMPLETE")
        return True

    def _apply(self, provider: Provider, resource: Resource, old: Properties) -> Resource:
        context, properties = self._context(resource), resource.properties
        if provider.apply is None and old:
            names = schemas.changed_names(old, properties)
            refuse(f"{resource.kind} after its creation, a change", set(names))
        with _failures():
            if provider.apply is not None:
                provider.apply(context, resource.physical_id, old, properties)
            attributes = provider.attributes(context, resource.physical_id, properties)
        return replace(resource, attributes=attributes)

    def _context(self, resource: Resource) -> Context:
        return Context(self._region, self._stack, resource)


def _provider(resource: Resource) -> Provider:
    """Return the provider of a resource; raise ResourceFailure for properties that it lacks."""
    provider = PROVIDERS[resource.kind]
    if provider.properties is not None:
        refuse(resource.kind, resource.properties.keys() - provider.properties)
    return provider


@contextmanager
def _failures(missing: tuple[str, ...] = ()) -> Iterator[None]:
    """Make any error in a step of a provider a ResourceFailure, except those with some codes."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in missing:
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

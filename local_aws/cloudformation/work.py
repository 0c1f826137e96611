"""Work on one resource: make it, change it, replace it, delete it, each until it is done."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloudformation import schemas
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.provider import Context, Provider, refuse
from local_aws.cloudformation.providers import PROVIDERS
from local_aws.cloudformation.records import Properties, Resource, Stack
from local_aws.region import Region

log = logging.getLogger(__name__)


def provider_of(kind: str) -> Provider:
    """Return how a type is made; raise ResourceFailure if the local AWS does not make it."""
    if kind not in PROVIDERS:
        raise ResourceFailure(f"The local AWS does not reproduce the resource type {kind}.")
    return PROVIDERS[kind]


class Worker:
    """Makes, changes and deletes the resources of one stack, and tells of it in its events."""

    def __init__(self, region: Region, stack: Stack) -> None:
        self._region, self._stack = region, stack

    def create(self, blank: Resource) -> Resource:
        """Make a resource; raise ResourceFailure, with what it left behind deleted again."""
        self._stack.stand(blank, "CREATE_IN_PROGRESS")
        return self._made(blank, "CREATE")

    def replace(self, old: Resource, new: Resource) -> Resource:
        """Make the resource that takes the place of one that cannot change that far."""
        self._stack.stand(
            old,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating "
            "one.",
        )
        return self._made(new, "UPDATE")

    def _made(self, blank: Resource, verb: str) -> Resource:
        context, made = self._context(blank), blank
        try:
            provider = self._checked_provider(blank)
            physical_id = self._call(lambda: provider.create(context, blank.properties))
            made = replace(blank, physical_id=physical_id)
            self._stack.stand(made, f"{verb}_IN_PROGRESS", "Resource creation Initiated")
            made = self._applied(provider, made, {})
        except ResourceFailure as failure:
            self._stack.stand(made, f"{verb}_FAILED", str(failure))
            if made.physical_id:
                self.delete(made)
            raise
        self._stack.stand(made, f"{verb}_COMPLETE")
        return made

    def update(self, old: Resource, new: Resource) -> Resource:
        """Change a resource in place; raise ResourceFailure with the change half made at worst."""
        new = replace(new, physical_id=old.physical_id)
        self._stack.stand(new, "UPDATE_IN_PROGRESS")
        try:
            changed = self._applied(self._checked_provider(new), new, old.properties)
        except ResourceFailure as failure:
            self._stack.stand(new, "UPDATE_FAILED", str(failure))
            raise
        self._stack.stand(changed, "UPDATE_COMPLETE")
        return changed

    def delete(self, resource: Resource) -> bool:
        """Delete a resource that may be gone already; return whether it could be."""
        self._stack.stand(resource, "DELETE_IN_PROGRESS")
        try:
            provider = provider_of(resource.kind)
            self._call(
                lambda: provider.delete(
                    self._context(resource), resource.physical_id, resource.properties
                ),
                provider.missing,
            )
        except ResourceFailure as failure:
            self._stack.stand(resource, "DELETE_FAILED", str(failure))
            return False
        self._stack.stand(resource, "DELETE_COMPLETE")
        return True

    def _applied(self, provider: Provider, resource: Resource, old: Properties) -> Resource:
        context = self._context(resource)
        physical_id, properties = resource.physical_id, resource.properties
        apply = provider.apply
        if apply is not None:
            self._call(lambda: apply(context, physical_id, old, properties))
        elif old:
            names = schemas.changed_names(old, properties)
            refuse(f"{resource.kind}, once it is made, a change", set(names))
        attributes = self._call(lambda: provider.attributes(context, physical_id, properties))
        return replace(resource, attributes=attributes)

    def _checked_provider(self, resource: Resource) -> Provider:
        provider = provider_of(resource.kind)
        refuse(resource.kind, resource.properties.keys() - provider.properties)
        return provider

    def _context(self, resource: Resource) -> Context:
        return Context(self._region, self._stack.name, self._stack.stack_id, resource.logical_id)

    @staticmethod
    def _call(step: Callable[[], Any], missing: tuple[str, ...] = ()) -> Any:
        """Take a step of a provider; whatever fails in it becomes a ResourceFailure."""
        try:
            return step()
        except ClientError as error:
            if error.response["Error"]["Code"] in missing:
                return None
            raise ResourceFailure(_reason(error)) from error
        except StackError as error:
            raise ResourceFailure(error.message) from error
        except BotoCoreError as error:
            raise ResourceFailure(f"Invalid request provided: {error}") from error
        except ResourceFailure:
            raise
        except Exception as error:
            log.exception("a resource could not be worked on")
            raise ResourceFailure(f"The local AWS failed inside: {error!r}") from error


def _reason(error: ClientError) -> str:
    details, meta = error.response["Error"], error.response["ResponseMetadata"]
    return (
        f"{details.get('Message', error)} (Status Code: {meta.get('HTTPStatusCode')}; "
        f"Error Code: {details.get('Code')}; Request ID: {meta.get('RequestId', '-')})"
    )

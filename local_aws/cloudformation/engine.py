"""The operations of a stack, resource by resource: create, update, roll back, delete."""

from collections.abc import Iterable
from dataclasses import replace

from local_aws.cloudformation import schemas, table
from local_aws.cloudformation.desired_state import DesiredState, lookup
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.records import Region, Resource, Stack
from local_aws.cloudformation.references import in_order
from local_aws.cloudformation.work import Worker
from local_aws.errors import ServiceError
from local_aws.records import now


class Engine:
    """Runs one operation on a stack, which is completed or undone."""

    def __init__(self, region: Region, stack: Stack) -> None:
        self._region, self._stack = region, stack
        self._worker = Worker(region, stack)
        self._before, self._imports_before = dict(stack.resources), stack.imports
        self._done: list[str] = []  # in order; the last one may have failed
        self._replaced: dict[str, Resource] = {}

    def create(self, desired: DesiredState) -> None:
        """Create every resource; if one fails, delete the others again."""
        try:
            self._reach(desired)
        except (ResourceFailure, ServiceError) as failure:
            self._roll_back_creation(str(failure))
        else:
            self._stack.set_status("CREATE_COMPLETE")

    def _reach(self, desired: DesiredState) -> None:
        """Bring every resource to its desired state; raise ResourceFailure if one fails."""
        stack = self._stack
        stack.imports |= desired.imports
        for name in desired.order:
            try:
                self._change(self._blank(desired, name))
            except (ResourceFailure, ServiceError) as failure:
                verb = "update" if name in self._before else "create"
                raise ResourceFailure(
                    f"The following resource(s) failed to {verb}: [{name}]. "
                ) from failure
        table.set_outputs(self._region, stack, desired.outputs(lookup(stack.resources)))

    def _roll_back_creation(self, reason: str) -> None:
        stack = self._stack
        if stack.on_failure == "DO_NOTHING":
            stack.set_status("CREATE_FAILED", reason)
            return
        if stack.on_failure == "DELETE":
            stack.set_status("DELETE_IN_PROGRESS", reason)
            self.delete(())
            return
        stack.set_status("ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")
        self._settle_statuses()
        retained = {name for name, item in stack.resources.items() if self._keeps_new(item)}
        if self._delete_stack_resources(retained, "ROLLBACK_FAILED"):
            stack.set_status("ROLLBACK_COMPLETE")

    def _keeps_new(self, resource: Resource) -> bool:
        """Return whether a resource stays if the operation that created it is rolled back."""
        return resource.deletion_policy == "Retain" and not self._stack.deletes_new

    def update(self, desired: DesiredState) -> None:
        """Bring every resource to its desired state; if one fails, restore all of them."""
        stack = self._stack
        try:
            self._reach(desired)
        except (ResourceFailure, ServiceError) as failure:
            self._undo(str(failure))
            return
        stack.request, stack.imports = desired.request, desired.imports
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(desired.present)
        stack.set_status("UPDATE_COMPLETE")

    def _change(self, new: Resource) -> None:
        resources, name = self._stack.resources, new.logical_id
        old = resources.get(name)
        if old is None:
            resources[name] = self._worker.create(new)
            self._done.append(name)
        elif schemas.needs_replacement(new.kind, old.properties, new.properties):
            resources[name] = self._worker.replace(old, new)
            self._replaced[name] = old
            self._done.append(name)
        elif old.properties != new.properties:
            self._done.append(name)  # a failed change may be half done
            resources[name] = replace(new, physical_id=old.physical_id)
            resources[name] = self._worker.update(old, new)
        else:  # the same resource under the policies of the new template
            resources[name] = replace(new, physical_id=old.physical_id, attributes=old.attributes)

    def _clean_up(self, present: set[str]) -> None:
        """Delete replaced and removed resources; as on AWS, a failed deletion is ignored."""
        for old in reversed(self._replaced.values()):
            if old.replace_policy == "Delete":
                self._worker.delete(old)
        removed = {name: item for name, item in self._before.items() if name not in present}
        for name in removed:
            del self._stack.resources[name]
        self._delete_all(_retained(removed), removed)

    def _undo(self, reason: str) -> None:
        stack = self._stack
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        created: list[Resource] = []
        for name in reversed(self._done):
            old, new = self._before.get(name), stack.resources[name]
            if old is None or name in self._replaced:
                created.append(new)
                continue
            try:
                self._worker.update(new, old)
            except ResourceFailure as failure:
                stack.set_status(
                    "UPDATE_ROLLBACK_FAILED",
                    f"The following resource(s) failed to update: [{name}]. {failure}",
                )
                return
        stack.resources, stack.imports = self._before, self._imports_before
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._settle_statuses()
        for resource in created:
            if resource.logical_id not in self._replaced and self._keeps_new(resource):
                stack.set_resource_status(resource, "DELETE_SKIPPED")
            else:
                self._worker.delete(resource)
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _settle_statuses(self) -> None:
        """Mark what was not created as deleted, and what was restored as complete."""
        stack = self._stack
        for name, event in stack.last_events().items():
            current = stack.resources.get(name)
            if current is None and event["ResourceStatus"] == "CREATE_FAILED":
                gone = Resource(name, event["ResourceType"], event["PhysicalResourceId"])
                stack.set_resource_status(gone, "DELETE_COMPLETE")
            elif current is not None and not event["ResourceStatus"].endswith("_COMPLETE"):
                stack.set_resource_status(current, "UPDATE_COMPLETE")

    def delete(self, retain: Iterable[str]) -> None:
        """Delete every resource that no policy retains."""
        stack = self._stack
        retained = _retained(stack.resources).union(retain)
        if self._delete_stack_resources(retained, "DELETE_FAILED"):
            stack.deleted = now()
            stack.set_status("DELETE_COMPLETE")

    def _delete_stack_resources(self, retained: set[str], failed_status: str) -> bool:
        """Delete the resources of the stack; return whether that succeeded."""
        stack = self._stack
        failed = self._delete_all(retained, stack.resources)
        stack.resources = {item.logical_id: item for item in failed}
        if failed:
            reason = f"The following resource(s) failed to delete: [{', '.join(stack.resources)}]. "
            stack.set_status(failed_status, reason)
        return not failed

    def _delete_all(self, retained: set[str], resources: dict[str, Resource]) -> list[Resource]:
        """Delete resources, each before its dependencies; return those that failed."""
        failed: list[Resource] = []
        graph = {
            name: frozenset(item.depends_on & resources.keys()) for name, item in resources.items()
        }
        for name in reversed(in_order(graph)):
            resource = resources[name]
            if name in retained:
                self._stack.set_resource_status(resource, "DELETE_SKIPPED")
                continue
            is_needed = any(name in other.depends_on for other in failed)
            if is_needed or not self._worker.delete(resource):
                failed.append(resource)
        return failed

    def _blank(self, desired: DesiredState, logical_id: str) -> Resource:
        """Return a resource in its desired state, before its creation."""
        definition = desired.definition(logical_id)
        blank = Resource(
            logical_id,
            definition["Type"],
            depends_on=desired.needs[logical_id],
            deletion_policy=definition.get("DeletionPolicy", "Delete"),
            replace_policy=definition.get("UpdateReplacePolicy", "Delete"),
        )
        try:
            properties = desired.properties(logical_id, lookup(self._stack.resources))
            policy = desired.section("UpdatePolicy", logical_id, lookup(self._stack.resources))
        except (ResourceFailure, ServiceError) as failure:
            old = self._stack.resources.get(logical_id)
            verb = "UPDATE" if old else "CREATE"
            self._stack.set_resource_status(old or blank, f"{verb}_FAILED", str(failure))
            raise
        return replace(blank, properties=properties, update_policy=policy)


def _retained(resources: dict[str, Resource]) -> set[str]:
    """Return the resources that their policy keeps when they leave the stack."""
    return {name for name, item in resources.items() if item.deletion_policy != "Delete"}

"""The operations of a stack, resource by resource: create, update, roll back, delete."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from local_aws.cloudformation import schemas, table
from local_aws.cloudformation.desired_state import DesiredState, lookup
from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.records import Region, Resource, ResourceStatus, Stack
from local_aws.cloudformation.references import in_order
from local_aws.cloudformation.work import Worker
from local_aws.errors import ServiceError
from local_aws.records import now


@dataclass
class _Update:
    """The progress of an update, which is completed or undone."""

    before: dict[str, Resource]
    imports: frozenset[str]
    done: list[str] = field(default_factory=list)  # in order; the last one may have failed
    replaced: dict[str, Resource] = field(default_factory=dict)


class Engine:
    """Runs one operation on a stack."""

    def __init__(self, region: Region, stack: Stack) -> None:
        self._region, self._stack = region, stack
        self._worker = Worker(region, stack)
        self._first_event = len(stack.events)

    def create(self, desired: DesiredState) -> None:
        """Create every resource; if one fails, delete the others again."""
        stack = self._stack
        stack.imports = desired.imports
        try:
            for logical_id in desired.order:
                stack.resources[logical_id] = self._worker.create(self._blank(desired, logical_id))
            self._set_outputs(desired)
        except (ResourceFailure, ServiceError) as failure:
            self._roll_back_creation(self._failed_reason() or str(failure))
            return
        stack.set_status("CREATE_COMPLETE")

    def _roll_back_creation(self, reason: str) -> None:
        stack = self._stack
        if stack.disable_rollback or stack.on_failure == "DO_NOTHING":
            stack.set_status("CREATE_FAILED", reason)
            return
        if stack.on_failure == "DELETE":
            stack.set_status("DELETE_IN_PROGRESS", reason)
            self.delete(())
            return
        stack.set_status("ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")
        self._mark_uncreated_deleted()
        retained = {name for name, item in stack.resources.items() if self._keeps_new(item)}
        if self._delete_stack_resources(retained, "ROLLBACK_FAILED"):
            stack.set_status("ROLLBACK_COMPLETE")

    def _keeps_new(self, resource: Resource) -> bool:
        """Return whether a resource stays if the operation that created it is rolled back."""
        return resource.deletion_policy == "Retain" and not self._stack.deletes_new

    def update(self, desired: DesiredState) -> None:
        """Bring every resource to its desired state; if one fails, restore all of them."""
        stack = self._stack
        update = _Update(dict(stack.resources), stack.imports)
        stack.imports |= desired.imports
        try:
            for logical_id in desired.order:
                self._update_resource(update, self._blank(desired, logical_id))
            self._set_outputs(desired)
        except (ResourceFailure, ServiceError) as failure:
            self._undo(update, self._failed_reason() or str(failure))
            return
        stack.request, stack.imports = desired.request, desired.imports
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        removed = {
            name: item for name, item in update.before.items() if name not in desired.present
        }
        self._clean_up(update.replaced, removed)
        self._settle_statuses()
        stack.set_status("UPDATE_COMPLETE")

    def _set_outputs(self, desired: DesiredState) -> None:
        outputs = desired.outputs(lookup(self._stack.resources))
        table.set_outputs(self._region, self._stack, outputs)

    def _update_resource(self, update: _Update, new: Resource) -> None:
        resources, name = self._stack.resources, new.logical_id
        old = resources.get(name)
        if old is None:
            resources[name] = self._worker.create(new)
            update.done.append(name)
        elif schemas.needs_replacement(new.kind, old.properties, new.properties):
            resources[name] = self._worker.replace(old, new)
            update.replaced[name] = old
            update.done.append(name)
        elif old.properties != new.properties:
            update.done.append(name)  # a failed change may be half done
            resources[name] = replace(new, physical_id=old.physical_id)
            resources[name] = self._worker.update(old, new)
        else:  # the same resource under the policies of the new template
            resources[name] = replace(new, physical_id=old.physical_id, attributes=old.attributes)

    def _clean_up(self, replaced: dict[str, Resource], removed: dict[str, Resource]) -> None:
        """Delete replaced and removed resources; as on AWS, a failed deletion is ignored."""
        for old in reversed(replaced.values()):
            if old.replace_policy == "Delete":
                self._worker.delete(old)
        for name in removed:
            self._stack.resources.pop(name, None)
        retained = {name for name, item in removed.items() if item.deletion_policy != "Delete"}
        self._delete_all(retained, removed)

    def _undo(self, update: _Update, reason: str) -> None:
        stack = self._stack
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        created: list[Resource] = []
        for name in reversed(update.done):
            old, new = update.before.get(name), stack.resources[name]
            if old is None or name in update.replaced:
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
        stack.resources, stack.imports = dict(update.before), update.imports
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._mark_uncreated_deleted()
        for resource in created:
            if resource.logical_id not in update.replaced and self._keeps_new(resource):
                stack.set_resource_status(resource, "DELETE_SKIPPED")
            else:
                self._worker.delete(resource)
        self._settle_statuses()
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _mark_uncreated_deleted(self) -> None:
        """Mark resources whose creation failed as deleted, as AWS does in a rollback."""
        stack = self._stack
        for name, status in list(stack.statuses.items()):
            if name not in stack.resources and status.status == "CREATE_FAILED":
                gone = Resource(name, status.kind, status.physical_id, {}, {}, frozenset())
                stack.set_resource_status(gone, "DELETE_COMPLETE")

    def _settle_statuses(self) -> None:
        """Show each resource in its current version, not in a deleted one."""
        statuses = self._stack.statuses
        for name, resource in self._stack.resources.items():
            status = statuses.get(name)
            if status is None:
                continue
            if status.physical_id != resource.physical_id or status.status.startswith("DELETE"):
                statuses[name] = ResourceStatus(
                    resource.kind, resource.physical_id, "UPDATE_COMPLETE", "", now()
                )

    def delete(self, retain: Iterable[str]) -> None:
        """Delete every resource that no policy retains."""
        stack = self._stack
        retained = {
            name
            for name, item in stack.resources.items()
            if item.deletion_policy != "Delete" or name in retain
        }
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
            logical_id=logical_id,
            kind=definition["Type"],
            physical_id="",
            properties={},
            attributes={},
            depends_on=desired.needs[logical_id],
            deletion_policy=definition.get("DeletionPolicy", "Delete"),
            replace_policy=definition.get("UpdateReplacePolicy", "Delete"),
        )
        try:
            properties = desired.properties(logical_id, lookup(self._stack.resources))
            policy = desired.update_policy(logical_id, lookup(self._stack.resources))
        except (ResourceFailure, ServiceError) as failure:
            old = self._stack.resources.get(logical_id)
            verb = "UPDATE" if old else "CREATE"
            self._stack.set_resource_status(old or blank, f"{verb}_FAILED", str(failure))
            raise
        return replace(blank, properties=properties, update_policy=policy)

    def _failed_reason(self) -> str:
        """Return the reason that names the resources which failed in this operation."""
        failed: dict[str, list[str]] = {"create": [], "update": []}
        for event in self._stack.events[self._first_event :]:
            verb, _, ending = event["ResourceStatus"].partition("_")
            if ending == "FAILED" and verb.lower() in failed:
                failed[verb.lower()].append(event["LogicalResourceId"])
        return "".join(
            f"The following resource(s) failed to {verb}: [{', '.join(names)}]. "
            for verb, names in failed.items()
            if names
        )

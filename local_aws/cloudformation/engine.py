"""The work of a stack: create, update, roll back and delete, resource by resource."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from local_aws.cloudformation import schemas
from local_aws.cloudformation.desired import Desired, lookup
from local_aws.cloudformation.errors import ResourceFailure, StackError
from local_aws.cloudformation.records import Request, Resource, Stack, Standing, now
from local_aws.cloudformation.references import in_order
from local_aws.cloudformation.work import Worker
from local_aws.region import Region

log = logging.getLogger(__name__)


@dataclass
class _Update:
    """What an update has done so far, to be completed or undone."""

    before: dict[str, Resource]
    done: list[str] = field(default_factory=list)  # in order; the last one may have failed
    replaced: dict[str, Resource] = field(default_factory=dict)


class Engine:
    """Carries one operation on a stack out, in a thread of its own."""

    def __init__(self, region: Region, stack: Stack) -> None:
        self._region, self._stack = region, stack
        self._worker = Worker(region, stack)
        self._first_event = len(stack.events)

    def create(self, request: Request, desired: Desired) -> None:
        """Make every resource; if one fails, take the others away again."""
        stack = self._stack
        try:
            for logical_id in desired.order:
                stack.resources[logical_id] = self._worker.create(self._blank(desired, logical_id))
            stack.outputs = desired.outputs(lookup(stack.resources))
        except (ResourceFailure, StackError) as failure:
            self._create_failed(str(failure))
            return
        stack.set_status("CREATE_COMPLETE")

    def _create_failed(self, failure: str) -> None:
        stack = self._stack
        reason = self._failed_reason() or failure
        if stack.disable_rollback or stack.on_failure == "DO_NOTHING":
            stack.set_status("CREATE_FAILED", reason)
            return
        if stack.on_failure == "DELETE":
            stack.set_status("DELETE_IN_PROGRESS", reason)
            self.delete(())
            return
        stack.set_status("ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")
        kept = [item for item in stack.resources.values() if item.deletion_policy == "Retain"]
        self._forget_failed()
        failed = self._delete_all({item.logical_id for item in kept}, stack.resources)
        stack.resources = {item.logical_id: item for item in failed}
        if failed:
            names = ", ".join(item.logical_id for item in failed)
            stack.set_status(
                "ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{names}]. "
            )
        else:
            stack.set_status("ROLLBACK_COMPLETE")

    def update(self, request: Request, desired: Desired) -> None:
        """Bring every resource to what is desired; if one fails, bring all back to what was."""
        stack = self._stack
        update = _Update(dict(stack.resources))
        try:
            for logical_id in desired.order:
                self._bring(update, self._blank(desired, logical_id))
            outputs = desired.outputs(lookup(stack.resources))
        except (ResourceFailure, StackError) as failure:
            self._undo(update, self._failed_reason() or str(failure))
            return
        stack.request, stack.outputs = request, outputs
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        removed = {
            name: item for name, item in update.before.items() if name not in desired.present
        }
        self._clean_up(update.replaced, removed)
        self._settle()
        stack.set_status("UPDATE_COMPLETE")

    def _bring(self, update: _Update, new: Resource) -> None:
        """Make one resource what it should be."""
        old, name = self._stack.resources.get(new.logical_id), new.logical_id
        if old is None:
            self._stack.resources[name] = self._worker.create(new)
            update.done.append(name)
        elif schemas.needs_replacement(new.kind, old.properties, new.properties):
            self._stack.resources[name] = self._worker.replace(old, new)
            update.replaced[name] = old
            update.done.append(name)
        elif old.properties != new.properties:
            update.done.append(name)  # a change that fails may be half made
            self._stack.resources[name] = replace(new, physical_id=old.physical_id)
            self._stack.resources[name] = self._worker.update(old, new)
        else:
            self._stack.resources[name] = _as_told(old, new)

    def _clean_up(self, replaced: dict[str, Resource], removed: dict[str, Resource]) -> None:
        """Delete what an update left over; what cannot be deleted is let go, as AWS does."""
        stack = self._stack
        for old in reversed(replaced.values()):
            if old.replace_policy == "Delete":
                self._worker.delete(old)
        for name in removed:
            stack.resources.pop(name, None)
        kept = {name for name, item in removed.items() if item.deletion_policy != "Delete"}
        self._delete_all(kept, removed)

    def _undo(self, update: _Update, reason: str) -> None:
        """Bring every resource back to what it was, the last one first."""
        stack = self._stack
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        created: list[Resource] = []
        for name in reversed(update.done):
            old, new = update.before.get(name), stack.resources[name]
            if old is None or name in update.replaced:
                created.append(new)
            else:
                try:
                    self._worker.update(new, old)
                except ResourceFailure as failure:
                    stack.set_status(
                        "UPDATE_ROLLBACK_FAILED",
                        f"The following resource(s) failed to update: [{name}]. {failure}",
                    )
                    return
        stack.resources = dict(update.before)
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._forget_failed()
        for resource in created:
            self._worker.delete(resource)
        self._settle()
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _forget_failed(self) -> None:
        """Let what never came to be stand as deleted, as AWS does in a rollback."""
        stack = self._stack
        for name, standing in list(stack.standings.items()):
            if name not in stack.resources and standing.status == "CREATE_FAILED":
                gone = replace(standing, status="DELETE_COMPLETE", reason="", time=now())
                stack.standings[name] = gone
                stack.add_event(name, gone.physical_id, gone.kind, gone.status, "")

    def _settle(self) -> None:
        """Let every resource stand as what it is now, whatever became of its other versions."""
        standings = self._stack.standings
        for name, resource in self._stack.resources.items():
            standing = standings.get(name)
            if standing is None or (standing.physical_id, standing.status[:6]) == (
                resource.physical_id,
                "UPDATE",
            ):
                continue
            if standing.physical_id != resource.physical_id or standing.status[:6] == "DELETE":
                standings[name] = Standing(
                    resource.kind, resource.physical_id, "UPDATE_COMPLETE", "", now()
                )

    def delete(self, retain: Iterable[str]) -> None:
        """Delete every resource that no policy keeps."""
        stack = self._stack
        kept = {
            name
            for name, item in stack.resources.items()
            if item.deletion_policy != "Delete" or name in retain
        }
        failed = self._delete_all(kept, stack.resources)
        stack.resources = {item.logical_id: item for item in failed}
        if failed:
            names = ", ".join(item.logical_id for item in failed)
            stack.set_status(
                "DELETE_FAILED", f"The following resource(s) failed to delete: [{names}]. "
            )
            return
        stack.deleted = now()
        stack.set_status("DELETE_COMPLETE")

    def _delete_all(self, kept: set[str], resources: dict[str, Resource]) -> list[Resource]:
        """Delete resources, each after those that need it; return those that could not be."""
        failed: list[Resource] = []
        for resource in _latest_first(resources):
            name = resource.logical_id
            if name in kept:
                self._stack.stand(resource, "DELETE_SKIPPED")
            elif any(name in other.depends_on for other in failed) or not self._worker.delete(
                resource
            ):
                failed.append(resource)
        return failed

    def _blank(self, desired: Desired, logical_id: str) -> Resource:
        """Return the resource as it should be, not made yet."""
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
            metadata=definition.get("Metadata"),
        )
        try:
            properties = desired.properties(logical_id, lookup(self._stack.resources))
        except (ResourceFailure, StackError) as failure:
            old = self._stack.resources.get(logical_id)
            verb = "UPDATE" if old else "CREATE"
            self._stack.stand(old or blank, f"{verb}_FAILED", str(failure))
            raise
        return replace(blank, properties=properties)

    def _failed_reason(self) -> str:
        """Return which resources this operation failed at."""
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


def _as_told(old: Resource, new: Resource) -> Resource:
    """Return a resource that is as it was, under the policies of the new template."""
    return replace(
        old,
        depends_on=new.depends_on,
        deletion_policy=new.deletion_policy,
        replace_policy=new.replace_policy,
        metadata=new.metadata,
    )


def _latest_first(resources: dict[str, Resource]) -> list[Resource]:
    """Return resources, each before those it needs."""
    graph = {
        name: frozenset(item.depends_on & resources.keys()) for name, item in resources.items()
    }
    return [resources[name] for name in reversed(in_order(graph))]


def run(operation: Callable[[], None], stack: Stack) -> None:
    """Carry an operation out; what goes wrong inside the local AWS itself ends it, loudly."""
    try:
        operation()
    except Exception:
        log.exception("the work on the stack %s failed", stack.name)
        verb = stack.status.removesuffix("_IN_PROGRESS").removesuffix("_CLEANUP")
        stack.set_status(f"{verb}_FAILED", "The local AWS failed inside; see its log.")

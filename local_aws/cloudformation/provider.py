"""What a resource type is made by: a few functions over boto3 calls to this local AWS."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.records import Properties, generated_name
from local_aws.region import Region

_PAUSE = 0.1  # seconds between looks at what is not ready yet


@dataclass(frozen=True)
class Context:
    """For which resource of which stack a provider works."""

    region: Region
    stack_name: str
    stack_id: str
    logical_id: str

    def client(self, service: str) -> Any:
        """Return a boto3 client of this local AWS."""
        return self.region.client(service)

    def name(self, given: str | None, most: int = 64) -> str:
        """Return the name given in the template, or a new one."""
        return given or generated_name(self.stack_name, self.logical_id, most)


@dataclass(frozen=True)
class Provider:
    """How a resource type is made, changed, deleted and read.

    apply does what follows creation (with no old properties) and every change in place, and
    returns when the resource is ready. A type without it changes only by replacement.
    """

    properties: frozenset[str]  # those that are carried out; every other one fails the resource
    create: Callable[[Context, Properties], str]
    delete: Callable[[Context, str, Properties], None]
    attributes: Callable[[Context, str, Properties], dict[str, Any]]
    apply: Callable[[Context, str, Properties, Properties], None] | None = None
    missing: tuple[str, ...] = ("ResourceNotFoundException",)  # codes that mean it is gone


def only(place: str, given: Mapping[str, Any], *names: str) -> None:
    """Raise ResourceFailure naming what else is given: it would be dropped without a word."""
    refuse(place, set(given) - set(names))


def refuse(place: str, names: set[str]) -> None:
    """Raise ResourceFailure if there is any name."""
    if names:
        raise ResourceFailure(
            f"The local AWS does not reproduce {', '.join(sorted(names))} of {place}."
        )


def wait_until(look: Callable[[], bool]) -> None:
    """Look until it is so; the look itself raises ResourceFailure where it never will be."""
    while not look():
        time.sleep(_PAUSE)


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Return a list of tags as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def change_tags(
    old: Mapping[str, str],
    new: Mapping[str, str],
    tag: Callable[[dict[str, str]], Any],
    untag: Callable[[list[str]], Any],
) -> None:
    """Take tags away that are no more, and put on what is new or different."""
    gone = sorted(old.keys() - new.keys())
    if gone:
        untag(gone)
    different = {key: value for key, value in new.items() if old.get(key) != value}
    if different:
        tag(different)


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a map of tags as a list."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def no_attributes(context: Context, physical_id: str, properties: Properties) -> dict[str, Any]:
    """Return no attributes, for types without any."""
    return {}

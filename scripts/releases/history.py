"""What a deployment served before, in two of its tags, so that `rollback` can return to it.

The tags are written before a change. The previous release is the first of the two that the
deployment does not serve, whether the change succeeds, fails, or goes on without its command.
"""

from collections.abc import Mapping

CONFIG, VERSION = "config", "version"  # what an endpoint and an alias of a function serve


def previous_of(tags: Mapping[str, str], live: str, kind: str = CONFIG) -> str:
    """Return what a deployment with some tags served before the live release, or ""."""
    names = (tags.get(f"previous-{kind}", ""), tags.get(f"earlier-{kind}", ""))
    return next((name for name in names if name not in ("", live)), "")


def history_tags(tags: Mapping[str, str], live: str, kind: str = CONFIG) -> dict[str, str]:
    """Return the tags to write before a change of a deployment that has some tags."""
    return {f"previous-{kind}": live, f"earlier-{kind}": previous_of(tags, live, kind)}

"""What the instances of a job leave: one archive of all their files.

SageMaker puts the files of all instances into one archive, and asks that no two instances write
one of the same name; which of them it would keep, it does not say. Files that are equal to the
byte are one file here, and others end the job, with both hosts named.
"""

import filecmp
from collections.abc import Mapping
from pathlib import Path

from local_aws.errors import JobFailure


def gather(folders: Mapping[str, Path], name: str) -> dict[str, Path]:
    """Return every file and folder below the hosts' folders by its path from there."""
    found: dict[str, Path] = {}
    owners: dict[str, str] = {}
    for host, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder).as_posix()
            if relative in found and not _same(found[relative], path):
                raise JobFailure(
                    f"ClientError: Artifact upload failed: {owners[relative]} and {host} both "
                    f"wrote {relative!r} into {name}, and not the same. All instances share one "
                    "archive: let one of them write it, or name the files by host."
                )
            found.setdefault(relative, path)
            owners.setdefault(relative, host)
    return found


def _same(one: Path, other: Path) -> bool:
    """Tell whether two paths are both folders, or files of the same bytes."""
    if one.is_file() and other.is_file():
        return filecmp.cmp(one, other, shallow=False)
    return one.is_dir() and other.is_dir()

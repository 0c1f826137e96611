"""The files that the instances of a job leave for one common archive.

SageMaker asks that no two instances write a file with the same name, and does not document which
one it would keep. Here, identical files count as one; files that differ end the job.
"""

import filecmp
from collections.abc import Mapping
from pathlib import Path

from local_aws.sagemaker.errors import JobFailure


def merge_folders(folders: Mapping[str, Path], name: str) -> dict[str, Path]:
    """Return every file and folder below the hosts' folders by relative path."""
    members: dict[str, Path] = {}
    owners: dict[str, str] = {}
    for host, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder).as_posix()
            if relative in members and not _same(members[relative], path):
                raise JobFailure(
                    f"ClientError: Artifact upload failed: {owners[relative]} and {host} both "
                    f"wrote {relative!r} into {name}, with different contents. All instances share "
                    "one archive: let one of them write the file, or name the files by host."
                )
            members.setdefault(relative, path)
            owners.setdefault(relative, host)
    return members


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths are both folders, or files with the same contents."""
    if one.is_file() and other.is_file():
        return filecmp.cmp(one, other, shallow=False)
    return one.is_dir() and other.is_dir()

"""Model archives whose pickles create a file when they are loaded."""

import hashlib
import io
import json
import pickle
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from newsgroup_classifier.artifacts import MANIFEST, MODEL, PREPROCESS
from tests.scripts.releases import Release

PADDING = b"nothing but padding"


class _Trap:
    """An object whose pickle creates a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self._path), "w")


def trapped_files(release: Release, trap: Path) -> dict[str, bytes]:
    """Return the files of a release's model, with pickles that create a file when loaded."""
    packed = io.BytesIO(release.scripts.read_object(release.train["model_artifacts"]))
    with tarfile.open(fileobj=packed) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar if member.isreg()}
    pickled = pickle.dumps([_Trap(trap), PADDING])
    return with_digests(files | {PREPROCESS: pickled, MODEL: pickled})


def with_digests(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with a manifest that has their digests."""
    manifest = json.loads(files[MANIFEST])
    digests = {name: hashlib.sha256(files[name]).hexdigest() for name in manifest["files"]}
    return dict(files) | {MANIFEST: json.dumps(manifest | {"files": digests}).encode()}


def with_manifest(
    files: Mapping[str, bytes], change: Callable[[dict[str, Any]], None]
) -> dict[str, bytes]:
    """Return files with a changed manifest."""
    manifest = json.loads(files[MANIFEST])
    change(manifest)
    return dict(files) | {MANIFEST: json.dumps(manifest).encode()}


def packed(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    """Return a model.tar.gz with files and additional members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in more:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return buffer.getvalue()


def link(kind: bytes, name: str, target: str) -> tarfile.TarInfo:
    """Return a symbolic or hard link."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def outside(name: str) -> tarfile.TarInfo:
    """Return a file of one byte at any path, such as one outside the folder."""
    member = tarfile.TarInfo(name)
    member.size = 1
    return member

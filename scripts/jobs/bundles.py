"""Pack the source bundle of a training job; equal sources give equal bytes and names."""

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from newsgroup_classifier.own_code import ENTRY_FILE, OwnCode
from scripts.account.lock import LOCK, ROOT, locked_entries
from scripts.account.naming import DEFAULT_STACK, bundle_prefix

PACKAGES = ("newsgroup_classifier", "inference_pipeline")


def pack_sources(
    packages: tuple[str, ...] = (), root: Path = ROOT, own: OwnCode | None = None
) -> bytes:
    """Return a tar.gz of our packages, pinned requirements, and modules of the user's own."""
    members = {path.relative_to(root).as_posix(): path.read_bytes() for path in _source_files(root)}
    if packages:
        entries = [entry for name in packages for entry in locked_entries(name, root / LOCK.name)]
        members["requirements.txt"] = "".join(entries).encode()
    if own is not None:
        members |= {name: path.read_bytes() for name, path in own.files.items()}
        members[ENTRY_FILE] = Path(own.entry).name.encode()
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def commit_of(root: Path = ROOT) -> str:
    """Return the commit of the sources, with -dirty if they differ from it; "" if it is unknown."""
    if shutil.which("git") is None or not (root / ".git").exists():
        return ""
    describe = ("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    ended = subprocess.run(
        ["git", "-C", str(root), *describe], capture_output=True, text=True, check=False
    )
    return ended.stdout.strip()


def bundle_key(bundle: bytes, stack: str = DEFAULT_STACK) -> str:
    """Return the key of a bundle in the bucket, which contains the hash of its content."""
    return f"{bundle_prefix(stack, hashlib.sha256(bundle).hexdigest()[:16])}sourcedir.tar.gz"


def _source_files(root: Path) -> list[Path]:
    return sorted(
        path
        for package in PACKAGES
        for path in (root / package).rglob("*")
        # Hidden files are those of a desktop, such as .DS_Store and ._name.py.
        if path.is_file() and "__pycache__" not in path.parts and path.name[0] != "."
    )

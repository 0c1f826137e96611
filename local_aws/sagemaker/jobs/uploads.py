"""Upload a folder of a machine to S3 while its job runs, or at its end.

Files that a job deletes stay in S3. Pipes and sockets are not uploaded: reading one would block.
"""

import logging
import os
import stat
import threading
from pathlib import Path
from typing import Any

from local_aws.errors import not_reproduced
from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.errors import JobFailure

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5  # between checks; a file that has not changed since the last one is complete
_Stamp = tuple[int, int]  # size in bytes, time of the last change in ns
DEFAULT_PATH = "/opt/ml/checkpoints"


class Uploads:
    """Copies a folder to a prefix, in a thread, from start() until finish()."""

    noun = "Data"  # in messages
    follows_links = False

    def __init__(self, s3: Any, uri: str, folder: Path, kms_key: str = "") -> None:
        self.s3, self.uri, self.folder, self.kms_key = s3, uri.rstrip("/"), folder, kms_key
        self.stored: dict[str, _Stamp] = {}
        self._seen: dict[str, _Stamp] = {}
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: JobFailure | None = None  # of the last copy; the next may succeed

    def start(self) -> None:
        """Start copying files that change."""
        self._thread = threading.Thread(target=self._copy_until_the_end, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Stop the thread, and copy all files, even those that have just changed."""
        if self._thread is None:
            return
        self._end.set()
        self._thread.join()
        self._thread = None
        self.copy_all()

    def copy_all(self) -> None:
        """Copy all files that are not in S3 yet."""
        self._copy(self.stamps())

    def _copy_until_the_end(self) -> None:
        while not self._end.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Copy the files that have not changed since the last check."""
        now = self.stamps()
        self._copy({name: stamp for name, stamp in now.items() if self._seen.get(name) == stamp})
        self._seen = now

    def _copy(self, files: dict[str, _Stamp]) -> None:
        """Upload the files that differ from those in S3; retry failed ones at the next check."""
        self.failure = None
        for name, stamp in files.items():
            if self.stored.get(name) == stamp:
                continue
            try:
                path, uri = self.folder / name, f"{self.uri}/{name}"
                objects.upload_object(self.s3, path, uri, self.kms_key)
                self.stored[name] = stamp
            except FileNotFoundError:  # it has been deleted
                continue
            except (JobFailure, OSError, UnicodeEncodeError) as error:  # S3 keys are UTF-8
                log.warning("Could not upload %s of a job: %s", name, error)
                self.failure = JobFailure(f"ClientError: {self.noun} upload failed: {error}")

    def stamps(self) -> dict[str, _Stamp]:
        """Return the stamps of the files below the folder by relative path."""
        stamps = {}
        for parent, _, names in os.walk(self.folder):
            for name in names:
                path = Path(parent, name)
                try:
                    status = path.stat() if self.follows_links else path.lstat()
                except OSError:  # it has been deleted, or is a broken link
                    continue
                if stat.S_ISREG(status.st_mode):
                    relative = path.relative_to(self.folder).as_posix()
                    stamps[relative] = (status.st_size, status.st_mtime_ns)
        return stamps


def checkpoint_path(config: Record) -> str:
    """Return the path of the checkpoint folder; raise ValidationError unless it is in /opt/ml."""
    path = Path(os.path.normpath(config.get("LocalPath") or DEFAULT_PATH))
    if not path.is_relative_to("/opt/ml") or path == Path("/opt/ml"):
        raise not_reproduced(
            f"CheckpointConfig.LocalPath {config['LocalPath']!r} of CreateTrainingJob (use a "
            "folder below /opt/ml, the only one that each job has for itself)"
        )
    return str(path)


class Checkpoints(Uploads):
    """Copies the checkpoint folder to a prefix, in a thread, from start() until finish()."""

    noun = "Checkpoint"
    follows_links = True

    def download(self) -> None:
        """Download the files that earlier jobs stored under the prefix."""
        objects.download_prefix(self.s3, f"{self.uri}/", self.folder)
        self.stored = self.stamps()

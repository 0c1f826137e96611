"""Download the checkpoint folder of an instance from S3, and upload its changes during the job.

As on AWS, all instances use the same prefix, and files with the same name overwrite one another.
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
DEFAULT_PATH = "/opt/ml/checkpoints"
LOOK_SECONDS = 0.5  # between checks; a file that has not changed since the last one is complete
_Stamp = tuple[int, int]  # size in bytes, time of the last change in ns


def checkpoint_folder(config: Record, ml: Path) -> Path:
    """Return the checkpoint folder below `ml`; raise ValidationError unless it is below /opt/ml."""
    path = Path(os.path.normpath(config.get("LocalPath") or DEFAULT_PATH))
    if not path.is_relative_to("/opt/ml") or path == Path("/opt/ml"):
        raise not_reproduced(
            f"CheckpointConfig.LocalPath {config['LocalPath']!r} of CreateTrainingJob (use a "
            "folder below /opt/ml, the only one that each job has for itself)"
        )
    return ml / path.relative_to("/opt/ml")


class Checkpoints:
    """Copies a folder to a prefix, in a thread, from start() until finish()."""

    def __init__(self, s3: Any, uri: str, folder: Path) -> None:
        self._s3, self._uri, self._folder = s3, uri.rstrip("/"), folder
        self._stored: dict[str, _Stamp] = {}
        self._seen: dict[str, _Stamp] = {}
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: JobFailure | None = None  # of the last copy; the next may succeed

    def download(self) -> None:
        """Download the files that earlier jobs stored under the prefix."""
        objects.download_prefix(self._s3, f"{self._uri}/", self._folder)
        self._stored = self._stamps()

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
        self._copy(self._stamps())

    def _copy_until_the_end(self) -> None:
        while not self._end.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Copy the files that have not changed since the last check."""
        now = self._stamps()
        self._copy({name: stamp for name, stamp in now.items() if self._seen.get(name) == stamp})
        self._seen = now

    def _copy(self, files: dict[str, _Stamp]) -> None:
        """Upload the files that differ from those in S3; retry failed ones at the next check."""
        self.failure = None
        for name, stamp in files.items():
            if self._stored.get(name) == stamp:
                continue
            try:
                objects.upload_object(self._s3, self._folder / name, f"{self._uri}/{name}")
                self._stored[name] = stamp
            except FileNotFoundError:  # it has been deleted
                continue
            except (JobFailure, OSError, UnicodeEncodeError) as error:  # S3 keys are UTF-8
                log.warning("Could not upload the checkpoint %s: %s", name, error)
                self.failure = JobFailure(f"ClientError: Checkpoint upload failed: {error}")

    def _stamps(self) -> dict[str, _Stamp]:
        """Return the stamps of the files below the folder by relative path."""
        stamps = {}
        for parent, _, names in os.walk(self._folder):
            for name in names:
                path = Path(parent, name)
                try:
                    status = path.stat()
                except OSError:  # it has been deleted, or is a broken link
                    continue
                if stat.S_ISREG(status.st_mode):
                    relative = path.relative_to(self._folder).as_posix()
                    stamps[relative] = (status.st_size, status.st_mtime_ns)
        return stamps

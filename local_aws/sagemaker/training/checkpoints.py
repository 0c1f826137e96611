"""The checkpoint folder of an instance: filled from S3 at the start, kept there while it runs.

As on AWS every instance does so under the same prefix: files of one name overwrite one another.
What a job deletes stays in S3. Pipes and sockets stay where they are: whoever reads one waits.
"""

import logging
import os
import stat
import threading
from pathlib import Path
from typing import Any

from local_aws import cloud
from local_aws.errors import JobFailure, not_reproduced
from local_aws.records import Record

log = logging.getLogger(__name__)
DEFAULT_PATH = "/opt/ml/checkpoints"
LOOK_SECONDS = 0.5  # between looks; a file is whole that did not change from one to the next
_Stamp = tuple[int, int]  # size, and time of the last change in ns


def folder_of(config: Record, ml: Path) -> Path:
    """Return where an instance keeps its checkpoints; raise ValidationError for another place."""
    path = Path(os.path.normpath(config.get("LocalPath") or DEFAULT_PATH))
    if not path.is_relative_to("/opt/ml") or path == Path("/opt/ml"):
        raise not_reproduced(
            f"CheckpointConfig.LocalPath {config['LocalPath']!r} of CreateTrainingJob (a job has a "
            "folder of its own for what is below /opt/ml, and nothing else)"
        )
    return ml / path.relative_to("/opt/ml")


class Checkpoints:
    """Copies one folder to one prefix, in a thread, from start() until finish()."""

    def __init__(self, s3: Any, uri: str, folder: Path) -> None:
        self._s3, self._uri, self._folder = s3, uri.rstrip("/"), folder
        self._stored: dict[str, _Stamp] = {}
        self._seen: dict[str, _Stamp] = {}
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: JobFailure | None = None  # of the last copy; the next may go well

    def download(self) -> None:
        """Fill the folder with what earlier jobs left under the prefix."""
        cloud.download_prefix(self._s3, f"{self._uri}/", self._folder)
        self._stored = self._stamps()

    def start(self) -> None:
        """Begin to copy what changes."""
        self._thread = threading.Thread(target=self._copy_until_the_end, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Copy what is there at the end, whole or not, whatever the end was."""
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
        """Copy the files that are as they were at the last look."""
        now = self._stamps()
        self._copy({name: it for name, it in now.items() if self._seen.get(name) == it})
        self._seen = now

    def _copy(self, files: dict[str, _Stamp]) -> None:
        """Upload the files that S3 has not as they are; what fails is tried again later."""
        self.failure = None
        for name, stamp in files.items():
            if self._stored.get(name) == stamp:
                continue
            try:
                cloud.upload_object(self._s3, self._folder / name, f"{self._uri}/{name}")
                self._stored[name] = stamp
            except FileNotFoundError:  # it was deleted meanwhile
                continue
            except (JobFailure, OSError, UnicodeEncodeError) as error:  # a key of S3 is UTF-8
                log.warning("checkpoint %s: %s", name, error)
                self.failure = JobFailure(f"ClientError: Checkpoint upload failed: {error}")

    def _stamps(self) -> dict[str, _Stamp]:
        """Return the files below the folder by their path from it."""
        stamps = {}
        for parent, _, names in os.walk(self._folder):
            for name in names:
                path = Path(parent, name)
                try:
                    found = path.stat()
                except OSError:  # it was deleted meanwhile, or is a link to nothing
                    continue
                if stat.S_ISREG(found.st_mode):
                    name_in_s3 = path.relative_to(self._folder).as_posix()
                    stamps[name_in_s3] = (found.st_size, found.st_mtime_ns)
        return stamps

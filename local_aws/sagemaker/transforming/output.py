"""The answers to one file, put together on disk, and into S3 when all of them are there."""

from pathlib import Path
from typing import Any, BinaryIO

from local_aws import cloud


class Output:
    """The .out file of one object; one with a failure is never uploaded.

    It is opened with its first answer: many objects wait for theirs at the same time.
    """

    def __init__(self, path: Path, uri: str, lines: bool) -> None:
        self._path, self._uri, self._lines = path, uri, lines
        self._file: BinaryIO | None = None
        self.failed = False

    def add(self, answer: bytes) -> None:
        """Append an answer; assembled by lines, each ends in a newline."""
        file = self._opened()
        file.write(answer)
        if self._lines and not answer.endswith(b"\n"):
            file.write(b"\n")

    def finish(self, s3: Any) -> None:
        """Upload what was put together, in parts if it is large, unless something failed."""
        self._opened().close()
        try:
            if not self.failed:
                cloud.upload_object(s3, self._path, self._uri)
        finally:
            self._path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Take the file away without uploading it."""
        if self._file is not None:
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = self._path.open("wb")
        return self._file

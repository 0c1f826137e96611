"""The responses for an object, collected on disk and uploaded to S3 when complete."""

from pathlib import Path
from typing import Any, BinaryIO

from local_aws.sagemaker import objects


class Output:
    """The .out file of an object, which is not uploaded after a failure.

    It is opened for the first response, because many objects may wait for one at the same time.
    """

    def __init__(self, path: Path, uri: str, lines: bool, kms_key: str = "") -> None:
        self._path, self._uri, self._lines, self._kms_key = path, uri, lines, kms_key
        self._file: BinaryIO | None = None
        self.failed = False

    def add(self, response: bytes) -> None:
        """Append a response, ended by a newline if the output is assembled by line."""
        file = self._open()
        file.write(response)
        if self._lines and not response.endswith(b"\n"):
            file.write(b"\n")

    def finish(self, s3: Any) -> None:
        """Upload the file unless it has failed, in parts if it is large, and delete it."""
        self._open().close()
        try:
            if not self.failed:
                objects.upload_object(s3, self._path, self._uri, self._kms_key)
        finally:
            self._path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete the file without uploading it."""
        if self._file is not None:
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _open(self) -> BinaryIO:
        if self._file is None:
            self._file = self._path.open("wb")
        return self._file

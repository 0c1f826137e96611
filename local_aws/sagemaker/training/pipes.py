"""Channels in Pipe mode: one named pipe per epoch, fed with the objects of the channel.

The pipe CHANNEL_0 exists before the job's program starts, and each further one as soon as a reader
has opened the previous one, so that no reader finds it missing. Objects follow one another without
a separator, in the order of S3. Nothing is stored: a chunk is read when the pipe accepts it.
"""

import gzip
import os
import select
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from local_aws.cloud import split_uri
from local_aws.records import Record
from local_aws.sagemaker.errors import JobFailure

_CHUNK = 1 << 18  # bytes of an object in memory at a time
_OPEN_SECONDS = 0.01  # between attempts to open a pipe
_WRITE_MS = 100  # between checks whether the job has ended, while a reader does not read


class _Ended(Exception):
    """The job has ended, and nothing reads its pipes."""


class ChannelPipes:
    """Feeds the pipes of one channel, in a thread, from start() until close()."""

    def __init__(self, s3: Any, channel: Record, base: Path, keys: list[str]) -> None:
        self._s3, self._base, self._keys = s3, base, keys
        self._uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        self._gzipped = channel.get("CompressionType") == "Gzip"
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._feed, name=f"pipe-{base.name}", daemon=True)
        self.failure: JobFailure | None = None  # why an open pipe has no more data
        base.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(self._path(0))

    def _path(self, epoch: int) -> Path:
        return self._base.with_name(f"{self._base.name}_{epoch}")

    def start(self) -> None:
        """Start feeding readers that open a pipe."""
        self._thread.start()

    def close(self) -> None:
        """Stop feeding, whatever the reader does, and wait for the thread to end."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _feed(self) -> None:
        try:
            for epoch in count():
                self._feed_epoch(epoch)
        except _Ended:
            return

    def _feed_epoch(self, epoch: int) -> None:
        pipe = self._open(self._path(epoch))
        try:
            os.mkfifo(self._path(epoch + 1))
            for chunk in self._chunks():
                self._write(pipe, chunk)
        except BrokenPipeError:  # the reader closed the pipe early
            return
        except _Ended:
            raise
        except Exception as error:  # closing the pipe would look like the end of data
            self.failure = JobFailure(f"ClientError: Data download failed: {error} ({self._uri})")
            self._end.wait()
        finally:
            self._path(epoch).unlink(missing_ok=True)
            os.close(pipe)

    def _open(self, path: Path) -> int:
        """Return the pipe once it has a reader; a blocking open could wait forever."""
        while True:
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # ENXIO: no reader yet
                if self._end.wait(_OPEN_SECONDS):
                    raise _Ended from None

    def _chunks(self) -> Iterator[bytes]:
        bucket, _ = split_uri(self._uri)
        for key in self._keys:
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
            with body:
                source = gzip.GzipFile(fileobj=body) if self._gzipped else body
                while chunk := source.read(_CHUNK):
                    yield chunk

    def _write(self, pipe: int, chunk: bytes) -> None:
        poll = select.poll()
        poll.register(pipe, select.POLLOUT)
        rest = memoryview(chunk)
        while rest:
            if self._end.is_set():
                raise _Ended
            if poll.poll(_WRITE_MS):
                try:
                    rest = rest[os.write(pipe, rest) :]
                except BlockingIOError:  # it has been filled since the poll
                    continue

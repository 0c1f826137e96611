"""Provide an instance with the channels of its job, or with its share of their objects.

In File mode, the objects are files in a folder; in Pipe mode, they arrive through named pipes.
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
from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.errors import JobFailure

_CHUNK = 1 << 18  # bytes of an object in memory at a time
_OPEN_SECONDS = 0.01  # between attempts to open a pipe
_WRITE_MS = 100  # between checks whether the job has ended, while a reader does not read
_FILE, _PIPE = "File", "Pipe"


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


def input_mode(channel: Record, algorithm: Record) -> str:
    """Return the input mode of a channel: its own, or else the job's."""
    return str(channel.get("InputMode") or algorithm.get("TrainingInputMode") or _FILE)


def check_channel(channel: Record, algorithm: Record) -> None:
    """Raise ValidationError for a channel that the local AWS cannot provide."""
    name, mode = channel["ChannelName"], input_mode(channel, algorithm)
    if mode not in (_FILE, _PIPE):
        raise not_reproduced(
            f"the input mode {mode} (channel {name}; a bucket cannot be mounted, use File or Pipe)"
        )
    if not channel["DataSource"].get("S3DataSource"):
        raise ValidationError(f"The channel {name} has no S3DataSource.")
    compression = channel.get("CompressionType", "None")
    if mode == _FILE and compression != "None":
        raise ValidationError(
            f"The channel {name} has the CompressionType {compression}, which is for the input "
            "mode Pipe only. Leave it unset in File mode."
        )


def distribution(channel: Record) -> str:
    """Return how the objects of a channel are distributed over the instances."""
    source = channel["DataSource"]["S3DataSource"]
    return str(source.get("S3DataDistributionType", "FullyReplicated"))


def provide_channel(
    s3: Any, channel: Record, mode: str, folder: Path, share: tuple[int, int]
) -> ChannelPipes | None:
    """Fill the folder of a channel on instance `share[0]` of `share[1]`, or return its pipes.

    Instance i of n gets every nth object of a sharded channel, which may be none. Raises JobFailure
    if the channel has no objects at all.
    """
    uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
    part = share if distribution(channel) == "ShardedByS3Key" else (0, 1)
    if mode == _PIPE:
        keys = objects.list_keys(s3, uri)
        pipes = ChannelPipes(s3, channel, folder, keys[part[0] :: part[1]])
        count = len(keys)
    else:
        pipes, count = None, objects.download_prefix(s3, uri, folder, part)
    if not count:
        raise JobFailure(f"ClientError: Data download failed:{objects.no_objects(uri)}")
    return pipes


def describe_channel(channel: Record, mode: str) -> dict[str, str]:
    """Return the entry of a channel in inputdataconfig.json."""
    config = {
        "TrainingInputMode": mode,
        "S3DistributionType": distribution(channel),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if "ContentType" in channel:
        config["ContentType"] = channel["ContentType"]
    return config

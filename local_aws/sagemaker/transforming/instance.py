"""An instance of a transform job: its containers, its share of the files, and its logs."""

import gzip
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import dimensions
from local_aws.processes import closing
from local_aws.sagemaker import objects
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.hosting.container import Reply, StageError
from local_aws.sagemaker.hosting.fleet import STARTUP_SECONDS, Watch, build_instance, new_host
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.transforming.plan import Plan
from local_aws.sagemaker.transforming.records import (
    BadRecord,
    Batch,
    batch_output,
    batches,
    preparation,
)
from local_aws.sagemaker.transforming.sending import Sender

CLIENT, ALGORITHM = "ClientError", "AlgorithmError"
_LOG_GROUP = "/aws/sagemaker/TransformJobs"


class DataLog:
    """Writes lines such as `2026-11-21T06:50:01.123:[sagemaker logs]: BUCKET/KEY: ...`."""

    def __init__(self, stream: LogStream) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write a line with SageMaker's prefix."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        self._stream.write(f"{time}:[sagemaker logs]: {text}")

    def report_share(self, place: str, records: int, requests: int) -> None:
        """Write how much of a file was sent, in the local AWS's name: SageMaker does not log it."""
        self._stream.write(f"local AWS: {place}: {records} records in {requests} requests")

    def report(self, place: str, reason: str, message: str | None = None) -> None:
        """Write why a file, BUCKET/KEY, has no output, and the message of the container."""
        self.write(f"{place}: {reason}")
        if message is None:
            return
        for line in ("", "Message:", *message.splitlines()):
            self.write(f"{place}: {line}")


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


@dataclass(frozen=True)
class Source:
    """An object to transform, and the address of its output."""

    bucket: str
    key: str
    output_uri: str

    @property
    def place(self) -> str:
        """The name of the object in the data log."""
        return f"{self.bucket}/{self.key}"


class File:
    """An object on its way through an instance."""

    def __init__(self, worker: "Worker", source: Source, plan: Plan, number: int) -> None:
        self._worker, self._source, self._plan = worker, source, plan
        self._input = worker.folder / f"{number}.in"
        output = worker.folder / f"{number}.out"
        self._output = Output(output, source.output_uri, plan.assemble_lines, plan.kms_key)
        self._records = self._requests = 0

    def send(self, sender: Sender) -> None:
        """Download the object and send it; an error affects this object only."""
        uri = f"s3://{self._source.place}"
        try:
            objects.download_object(self._worker.s3, uri, self._input)
            with self._open() as file:
                if not sender.send(self._batches(file), self._take):
                    self._output.failed = True  # discard a file that was stopped in the middle
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            reason = f"Failed to decompress the input: {type(error).__name__}"
            sender.then(partial(self._fail, CLIENT, reason))
        except (BadRecord, JobFailure) as error:
            sender.then(partial(self._fail, CLIENT, str(error)))
        finally:
            self._input.unlink(missing_ok=True)
        sender.then(self._finish)

    def _open(self) -> BinaryIO:
        """Open the downloaded file, decompressing it if the job requires that."""
        if self._plan.gzip:
            return cast("BinaryIO", gzip.open(self._input, "rb"))
        return self._input.open("rb")

    def _batches(self, file: BinaryIO) -> Iterator[Batch]:
        """Yield the batches of the file until one has failed."""
        for batch in batches(file, self._plan, preparation(self._plan)):
            if self._output.failed:
                return
            yield batch

    def _take(self, batch: Batch, reply: "Future[Reply]") -> None:
        """Append the response to a batch, unless an earlier one has failed."""
        if self._output.failed:
            reply.cancel()
            return
        try:
            self._output.add(batch_output(batch, reply.result().body, self._plan))
            self._records += len(batch.records)
            self._requests += 1
        except StageError as error:
            self._report(error)
        except BadRecord as error:
            self._fail(CLIENT, str(error))

    def _report(self, error: StageError) -> None:
        if not error.answered:
            self._fail(ALGORITHM, "Unable to get response from algorithm")
        elif 400 <= error.status < 500:
            self._fail(CLIENT, f"ClientError: {error.status}", error.message)
        else:
            reason = f"Bad HTTP status received from algorithm: {error.status}"
            self._fail(ALGORITHM, reason, error.message)

    def _fail(self, kind: str, reason: str, message: str | None = None) -> None:
        if not self._output.failed:
            self._output.failed = True
            self._worker.errors.append(kind)
            self._worker.log.report(self._source.place, reason, message)

    def close(self) -> None:
        """Delete an output that is not finished."""
        self._output.discard()

    def _finish(self) -> None:
        try:
            self._output.finish(self._worker.s3)
            if not self._output.failed:
                self._worker.written.append(self._source.output_uri)
                self._worker.log.report_share(self._source.place, self._records, self._requests)
        except JobFailure as error:
            self._fail(CLIENT, str(error))


class Worker:
    """An instance, and the results of its files."""

    def __init__(
        self, region: Region, job: str, specs: Sequence[dict[str, Any]], cpus: int
    ) -> None:
        self._host = f"{job}/{new_host()}"
        host = f"{self._host}-{int(time.time())}"
        self.folder = region.folder("transform-jobs", *host.split("/"))
        self.instance = build_instance(region, specs, self.folder, (_LOG_GROUP, host), cpus)
        self.log = DataLog(LogStream(region.name, _LOG_GROUP, f"{host}/data-log"))
        self.s3 = region.client("s3")
        self.errors: list[str] = []  # of its files, by kind
        self.written: list[str] = []  # the addresses of their outputs
        self._region = region.name

    def watch(self, plan: Plan, stopping: threading.Event) -> None:
        """Keep the containers healthy from now on; a call may take as long as the plan allows."""
        for container in self.instance.containers:
            Watch(container, STARTUP_SECONDS, stopping, plan.seconds).start()

    def transform(self, sources: Sequence[Source], plan: Plan, stopping: threading.Event) -> None:
        """Send the files and upload the responses; a file that fails does not affect the others."""
        self.log.write(plan.summary())
        with ExitStack() as stack:
            names = dimensions(Host=self._host)
            stack.callback(self.instance.measure(self._region, _LOG_GROUP, names).end)
            sender = Sender(self.instance, plan, stopping)
            stack.callback(sender.close)
            for number, source in enumerate(sources):
                if stopping.is_set() or closing():
                    return
                file = File(self, source, plan, number)
                stack.callback(file.close)
                file.send(sender)
            sender.drain()

    def delete_outputs(self) -> None:
        """Delete the outputs: a job that is stopped leaves none."""
        for uri in self.written:
            objects.delete_object(self.s3, uri)

"""The data log of an instance: SageMaker's own messages about a job's files."""

from datetime import UTC, datetime

from local_aws.logs import LogStream


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

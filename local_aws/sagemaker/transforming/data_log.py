"""The data log of an instance: what SageMaker itself says of a job's files, in its own form."""

from datetime import UTC, datetime

from local_aws.logs import LogStream


class DataLog:
    """Writes lines such as `2026-11-21T06:50:01.123:[sagemaker logs]: BUCKET/KEY: ...`."""

    def __init__(self, stream: LogStream) -> None:
        self._stream = stream

    def say(self, text: str) -> None:
        """Write a line about the whole job."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        self._stream.write(f"{time}:[sagemaker logs]: {text}")

    def tell_share(self, place: str, records: int, requests: int) -> None:
        """Write what this instance did; SageMaker does not, so it is not said in its name."""
        self._stream.write(f"local AWS: {place}: {records} records in {requests} requests")

    def report(self, place: str, reason: str, message: str | None = None) -> None:
        """Write why a file, BUCKET/KEY, has no output, and what the container said."""
        self.say(f"{place}: {reason}")
        if message is None:
            return
        for line in ("", "Message:", *message.splitlines()):
            self.say(f"{place}: {line}")

    def close(self) -> None:
        """Send what is queued."""
        self._stream.close()

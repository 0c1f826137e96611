"""The settings of a local AWS."""

from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "123456789012"  # moto's account, so that all ARNs agree


@dataclass(frozen=True)
class Settings:
    """Where the local AWS listens, and where it stores its files."""

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 4566
    account_id: str = ACCOUNT_ID
    namespaces: bool = True  # whether processes get their own folders, if the computer allows it
    read_seconds: float = 60.0  # for all headers of a request, and between two parts of its body
    minute_seconds: float = 60.0  # how long a minute of metrics, alarms, and deployments lasts

    @property
    def endpoint_url(self) -> str:
        """The value for AWS_ENDPOINT_URL."""
        return f"http://{self.host}:{self.port}"

    def scaled(self, seconds: float) -> float:
        """Return how long a time of metrics, alarms, or deployments lasts here."""
        return seconds * self.minute_seconds / 60


@dataclass(frozen=True)
class FunctionSettings:
    """Limits of functions that differ between accounts, or that tests shorten."""

    concurrency: int = 1000  # concurrent calls of the whole account
    idle_seconds: float = 300.0  # idle time after which an execution environment ends
    retry_seconds: tuple[float, ...] = (60.0, 120.0)  # before asynchronous retries

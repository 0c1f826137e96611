"""What the local AWS is started with."""

import os
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "123456789012"  # moto's account, so that ARNs of both sides agree


@dataclass(frozen=True)
class FunctionSettings:
    """How the local Lambda differs from account to account, and from AWS for tests."""

    concurrency: int = 1000  # calls at once of the whole account
    idle_seconds: float = 300.0  # after which an execution environment ends
    retry_seconds: tuple[float, ...] = (60.0, 120.0)  # before an asynchronous call is tried again


@dataclass(frozen=True)
class Settings:
    """Where the local AWS listens and where it keeps the folders of its containers."""

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 4566
    account_id: str = ACCOUNT_ID
    functions: FunctionSettings = FunctionSettings()
    instance_cpus: int = os.cpu_count() or 1  # most CPUs of an instance that serves

    @property
    def endpoint_url(self) -> str:
        """The address that AWS_ENDPOINT_URL takes."""
        return f"http://{self.host}:{self.port}"

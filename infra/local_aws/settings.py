"""What the local AWS is started with."""

from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "123456789012"  # moto's account, so that ARNs of both sides agree


@dataclass(frozen=True)
class Settings:
    """Where the local AWS listens and where it keeps the folders of its containers."""

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 4566
    account_id: str = ACCOUNT_ID

    @property
    def endpoint_url(self) -> str:
        """The address that AWS_ENDPOINT_URL takes."""
        return f"http://{self.host}:{self.port}"

"""A region as a service sees it. Services with state of their own extend it."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws import cloud
from local_aws.settings import Settings


@dataclass
class Region:
    """What a service keeps about one region, in memory only."""

    name: str
    settings: Settings
    lock: threading.RLock = field(default_factory=threading.RLock)

    def client(self, service: str) -> Any:
        """Return a boto3 client of this local AWS in this region."""
        return cloud.client(service, self.settings, self.name)

    def folder(self, *parts: str) -> Path:
        """Return a folder of this region under the state folder, created if necessary."""
        path = self.settings.state_dir.joinpath(self.name, *parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

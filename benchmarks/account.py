"""What the measurements share: run a command, create a client, fetch a trained model."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from local_aws.sagemaker.containers.archives import extract
from scripts.account.aws import Aws


def script(name: str, *arguments: str) -> dict[str, Any]:
    """Run a command of the project in its own process; return its JSON object."""
    command = [sys.executable, "-m", f"scripts.{name}", *arguments]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def client(service: str) -> Any:
    """Return a new client of the local AWS; concurrent clients must not share connections."""
    return Aws().client(service)


def fetch_model(uri: str, folder: Path) -> Path:
    """Unpack the archive of a training job as the containers do; return the model folder."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    archive, inside = folder / "ours.tar.gz", folder / "ours"
    client("s3").download_file(bucket, key, str(archive))
    extract(archive, inside, uri)
    return inside

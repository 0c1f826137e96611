"""The command of a training job: its image's toolkit, or the entry point in its request.

SDK v3's ModelTrainer sets /bin/bash and scripts that it uploads to the channel `sm_drivers`. They
and the arguments contain the path /opt/ml. Where the job has no /opt/ml of its own, it is replaced
with the job's folder. Nothing else is changed: programs of users find their folders in the
variables SM_...
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_aws.processes import watched
from local_aws.sagemaker.containers.opt_ml import OptMl


def launch_command(
    algorithm: Mapping[str, Any], opt_ml: OptMl, channels: Path, python: Path
) -> list[str]:
    """Return the command of a job; `python` is that of its image."""
    entry_point = algorithm.get("ContainerEntrypoint")
    if not entry_point:
        return [str(python), "-m", "sagemaker_training.cli.train"]
    for path in (channels / "sm_drivers").rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            path.write_bytes(opt_ml.located(text).encode("utf-8", "surrogateescape"))
    words = [*entry_point, *algorithm.get("ContainerArguments", [])]
    return watched([*map(opt_ml.located, words)])

"""The command of a training job: its image's toolkit, or the entry point in its request.

SDK v3's ModelTrainer sets /bin/bash and scripts that it uploads to the channel `sm_drivers`. They
contain the path /opt/ml, which a computer does not have, so it is replaced with the job's folder.
Nothing else is changed: programs of users find their folders in the variables SM_...
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_aws.processes import LIFELINE, interpreter

# A shell does not end with the local AWS; -I keeps PYTHON variables from affecting the lifeline.
_WATCHED = ("-I", str(LIFELINE / "lifeline.py"))
_OPT_ML = re.compile(r"(?<![\w./}-])/opt/ml(?![\w.-])")


def launch_command(algorithm: Mapping[str, Any], ml: Path, python: Path) -> list[str]:
    """Return the command of a job whose /opt/ml is the folder `ml`, which has its channels.

    `python` is that of its image.
    """
    entry_point = algorithm.get("ContainerEntrypoint")
    if not entry_point:
        return [str(python), "-m", "sagemaker_training.cli.train"]
    for path in (ml / "input" / "data" / "sm_drivers").rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            path.write_bytes(_OPT_ML.sub(str(ml), text).encode("utf-8", "surrogateescape"))
    words = [*entry_point, *algorithm.get("ContainerArguments", [])]
    return [str(interpreter()), *_WATCHED, *(_OPT_ML.sub(str(ml), word) for word in words)]

"""What starts a training job: its image's toolkit, or an entry point that the job itself names.

SDK v3's ModelTrainer names /bin/bash, and scripts that it uploads to the channel `sm_drivers`.
They spell out /opt/ml, which a laptop does not have, so the job's own folder is written there.
Nothing else is changed: a user's program asks the variables SM_... where things are.
"""

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_aws.errors import JobFailure
from local_aws.processes import LIFELINE

_TOOLKIT = [sys.executable, "-m", "sagemaker_training.cli.train"]
# A shell does not watch for the end of the local AWS; -I leaves its variables alone.
_WATCHED = [sys.executable, "-I", str(LIFELINE / "lifeline.py")]
_OPT_ML = re.compile(r"(?<![\w./}-])/opt/ml(?![\w.-])")


def launch_command(algorithm: Mapping[str, Any], ml: Path) -> list[str]:
    """Return the command of a job whose /opt/ml, with its channels, is the folder `ml`."""
    entry_point = algorithm.get("ContainerEntrypoint")
    if not entry_point:
        return _TOOLKIT
    if shlex.quote(str(ml)) != str(ml):
        raise JobFailure(
            f"The local AWS keeps the job in {ml}, a path that SDK v3's scripts do not quote; "
            "start it with a TMPDIR of plain letters, digits and dashes."
        )
    for path in (ml / "input" / "data" / "sm_drivers").rglob("*"):
        if path.is_file():
            _relocate_file(path, ml)
    words = [*entry_point, *algorithm.get("ContainerArguments", [])]
    return [*_WATCHED, *(_relocated(word, ml) for word in words)]


def _relocate_file(path: Path, ml: Path) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    path.write_bytes(_relocated(text, ml).encode("utf-8", "surrogateescape"))


def _relocated(text: str, ml: Path) -> str:
    return _OPT_ML.sub(str(ml), text)

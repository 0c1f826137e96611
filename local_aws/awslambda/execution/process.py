"""The process of one execution environment: a function under awslambdaric."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local_aws.processes import LIFELINE, ChildProcess

_BOOTSTRAP = Path(__file__).parent / "site" / "bootstrap.py"
OWN_TMP_VARIABLE = "LOCAL_AWS_OWN_TMP"  # the folder that becomes /tmp of the process
# What a process needs of this Python, even if that is below /tmp.
_PYTHON = (sys.prefix, sys.base_prefix)


def start_function(
    python: Path,
    paths: tuple[Path, ...],  # the folders of the runtime, the code, and more packages
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    on_end: Callable[[], None],
) -> ChildProcess:
    """Start a function, whose lines are passed on as they come or on demand."""
    visible = os.pathsep.join(
        [*_PYTHON, str(python.resolve().parents[1]), str(LIFELINE), *map(str, paths)]
    )
    env = {**env, "LOCAL_AWS_VISIBLE": visible} if OWN_TMP_VARIABLE in env else env
    command = [str(python), "-S", "-B", str(_BOOTSTRAP), str(LIFELINE), *map(str, paths)]
    return ChildProcess(command, env, paths[1], on_line, on_end)

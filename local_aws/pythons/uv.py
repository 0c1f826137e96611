"""Run uv, which gets Pythons and packages that the local AWS does not run with."""

import os
import shutil
import subprocess
from collections.abc import Sequence

_SECONDS = 600  # in which uv downloads what one command needs


class UvError(Exception):
    """uv is missing or could not do what it was asked for; the text says why."""

    def __init__(self, reason: str, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.is_missing = is_missing


def run_uv(arguments: Sequence[str], seconds: float = _SECONDS) -> str:
    """Return the output of a command of uv; raise UvError with its last line if it fails."""
    uv = shutil.which(os.environ.get("UV") or "uv")
    if uv is None:
        raise UvError(
            "uv is not on the PATH. Install it: https://docs.astral.sh/uv", is_missing=True
        )
    command = [uv, *arguments]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UvError(f"it took longer than {seconds:.0f} seconds") from error
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["no reason"]
        raise UvError(lines[-1].strip())
    return ended.stdout

"""The folder /opt/ml of a job or a container: its own in a namespace, or else refused.

Without namespaces, /opt/ml is a folder of this computer that all jobs would share. What Python code
does there is refused and reported in the container (see sites/container/opt_ml_check.py). What
other code does there is noticed by the changes of the folder.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from local_aws.processes import namespaces_are_used, with_folder
from local_aws.settings import Settings

PATH = "/opt/ml"
_NAMED = re.compile(r"(?<![\w./}-])/opt/ml(?![\w.-])")
REPORT_VARIABLE = "LOCAL_AWS_OPT_ML_REPORT"


class OptMl:
    """/opt/ml for one process, whose files are in the folder `ml`."""

    def __init__(self, settings: Settings, ml: Path) -> None:
        self._ml, self._is_own = ml, namespaces_are_used(settings)
        self._before = 0 if self._is_own else _last_change()

    def command(self, command: Sequence[str], has_network: bool = True) -> list[str]:
        """Return the command that runs another one with this folder, and maybe no network."""
        if not self._is_own:
            return list(command)
        return with_folder(command, self._ml, PATH, has_network)

    def located(self, text: str) -> str:
        """Return a text in which /opt/ml is the folder `ml`, unless the process has its own."""
        return text if self._is_own else _NAMED.sub(str(self._ml), text)

    def fault(self) -> str:
        """Return how the process used the computer's /opt/ml, or an empty string."""
        if self._is_own:
            return ""
        report = _report(self._ml)
        if report.exists():
            return report.read_text(encoding="utf-8").partition("\n")[0]
        if _last_change() != self._before:
            return (
                f"{PATH} of this computer was changed while the job ran, and its model is not in "
                "the archive. Use the variables SM_MODEL_DIR, SM_OUTPUT_DATA_DIR, and "
                "SM_CHANNEL_..., which name the job's folders."
            )
        return ""


def report_variables(settings: Settings, ml: Path) -> dict[str, str]:
    """Return the variable that makes a container refuse the computer's /opt/ml, if it must."""
    return {} if namespaces_are_used(settings) else {REPORT_VARIABLE: str(_report(ml))}


def _report(ml: Path) -> Path:
    return ml.parent / "opt-ml.txt"


def _last_change() -> int:
    """Return the time of the last change below the computer's /opt/ml in ns, 0 without one."""
    folders = (Path(folder) for folder, _, _ in os.walk(PATH))
    files = (Path(folder, name) for folder, _, names in os.walk(PATH) for name in names)
    return max((path.lstat().st_mtime_ns for path in (*folders, *files)), default=0)

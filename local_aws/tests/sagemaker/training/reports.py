"""A training script that reports how it was started, and its report."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.tests.account import Account

SCRIPT = """
import json
import os
import pathlib
import sys

import psutil

base = pathlib.Path(os.environ["SM_MODEL_DIR"]).parent
report = {
    "base": str(base),
    "command": psutil.Process().cmdline(),
    "cwd": os.getcwd(),
    "path": sys.path,
    "variables": dict(os.environ),
    "config": {
        path.name: json.loads(path.read_text()) for path in (base / "input" / "config").iterdir()
    },
    "inputs": sorted(
        str(path.relative_to(base)) for path in (base / "input" / "data").rglob("*.csv")
    ),
}
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "report.json").write_text(json.dumps(report))
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("a model")
"""


@dataclass(frozen=True)
class Report:
    """How a script was started: its command, folders, variables and the files it found."""

    base: Path
    command: list[str]
    cwd: Path
    path: list[str]
    variables: dict[str, str]
    config: dict[str, Any]
    inputs: list[str]

    @property
    def arguments(self) -> list[str]:
        """The script's own arguments, its name left out.

        Launchers before 5 write `python train.py`, later ones `python -- train.py`.
        """
        return self.command[self.command.index("train.py") + 1 :]


def report_of(account: Account, job: dict[str, Any]) -> Report:
    """Return the report of a finished job of the script."""
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    with account.download(model.replace("model.tar", "output.tar")) as tar:
        member = tar.extractfile("report.json")
        assert member is not None
        content = json.load(member)
    for name in ("base", "cwd"):
        content[name] = Path(content[name]).resolve()
    return Report(**content)

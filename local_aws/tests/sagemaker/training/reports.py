"""A training script that reports how it was started."""

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
    """How a script was started: its command, folders, variables, and input files."""

    base: Path
    command: list[str]
    cwd: Path
    path: list[str]
    variables: dict[str, str]
    config: dict[str, Any]
    inputs: list[str]

    @property
    def arguments(self) -> list[str]:
        """The arguments after train.py, which launchers since version 5 precede with `--`."""
        return self.command[self.command.index("train.py") + 1 :]


def report_of(account: Account, job: dict[str, Any]) -> Report:
    """Return the report of a finished job of the script."""
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    content = read_outputs(account, job)["report.json"]
    for name in ("base", "cwd"):
        content[name] = Path(content[name]).resolve()
    return Report(**content)


def read_outputs(account: Account, job: dict[str, Any]) -> dict[str, Any]:
    """Return the contents of the JSON files in the output archive of a job."""
    uri = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar", "output.tar")
    contents = {}
    with account.download(uri) as tar:
        for name in tar.getnames():
            member = tar.extractfile(name)
            assert member is not None
            contents[name] = json.load(member)
    return contents

"""A machine of a job: the folder that serves as /opt/ml, a process, and a log."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import dimensions
from local_aws.monitoring.utilization import Usage
from local_aws.processes import ChildProcess
from local_aws.sagemaker.containers.opt_ml import OptMl
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.jobs.volume import Volume
from local_aws.sagemaker.region import Region


class Machine:
    """A host of a job's cluster, whose files are in a folder."""

    def __init__(self, region: Region, folder: Path, host: str, gigabytes: float | None) -> None:
        self.host, self.has_network = host, True
        self.region, self.folder = region, folder
        self.ml = folder / "opt" / "ml"
        self.opt_ml = OptMl(region.settings, self.ml)
        self.volume = Volume(folder, gigabytes)
        self.process: ChildProcess | None = None
        self.code: int | None = None
        self._logs: LogStream | None = None
        self._namespace, self._name = "", ""  # of its metrics
        self._usage: Usage | None = None

    def configure(self, folder: str, files: Mapping[str, Any]) -> None:
        """Write JSON files to a folder below /opt/ml."""
        target = self.ml / folder
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (target / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def open_log(self, group: str, job: str) -> None:
        """Create the log stream of the machine, whose metrics have the group as namespace."""
        self._namespace, self._name = group, f"{job}/{self.host}"
        stream = f"{self._name}-{int(time.time())}"
        self._logs = LogStream(self.region.name, group, stream)

    def log(self, line: str) -> None:
        """Write a line to the log, if it exists."""
        if self._logs:
            self._logs.write(line)

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        on_line: Callable[[str], None],
    ) -> None:
        """Start a command in a folder; each line of its output is logged and given to `on_line`."""

        def write(line: str) -> None:
            self.log(line)
            on_line(line)

        command = self.opt_ml.command(command, self.has_network)
        process = ChildProcess(command, environment, folder, write)
        self.process = process
        self._usage = Usage(
            self.region.name,
            self._namespace,
            dimensions(Host=self._name),
            lambda: [process.pid] if self.code is None else [],
            lambda: self.volume.percent,
        )

    def wait(self, seconds: float) -> None:
        """Wait for the process to end; raise JobFailure if its surroundings failed it."""
        if self.process is None:
            return
        self.code = self.process.wait(seconds)
        self.check_data()
        if self.code is not None and (fault := self.opt_ml.fault()):
            raise JobFailure(f"AlgorithmError: {fault}")
        if self.code is None:
            self.volume.look()
        else:
            self.volume.check()

    def check_data(self) -> None:
        """Raise JobFailure if the data of the job can no longer be provided."""

    def close(self) -> None:
        """Publish no more metrics; the process has ended."""
        if self._usage:
            self._usage.end()

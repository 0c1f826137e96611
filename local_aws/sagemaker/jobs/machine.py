"""A machine of a job: the folder that serves as /opt/ml, a volume, a process, and a log."""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import dimensions
from local_aws.monitoring.utilization import Usage
from local_aws.processes import ChildProcess
from local_aws.records import Record
from local_aws.sagemaker.containers.environment import OptMl
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.hosting.ports import give_back, take_ports
from local_aws.sagemaker.region import Region

_GROUP = "homogeneousCluster"
_GIGABYTE = 2**30  # a GB of EBS
_BLOCK = 512  # bytes per unit of st_blocks on every file system
LOOK_SECONDS = 0.5  # minimum time between counts
_SHARE = 20  # counting may take a twentieth of the time, however many files there are


class Cluster:
    """The hosts of a job as a ResourceConfig describes them, each with its own port.

    The name algo-1 does not resolve on a computer, and instances that share a computer cannot all
    have port 8890, which TensorFlow's workers use.
    """

    def __init__(self, config: Record) -> None:
        self._instance_type = config.get("InstanceType", "local")
        self.gigabytes: int | None = config.get("VolumeSizeInGB")  # of each host
        count = config["InstanceCount"]
        # As on AWS, algo-10 comes before algo-2.
        self.hosts = sorted(f"algo-{number}" for number in range(1, count + 1))
        self._ports = take_ports(count)  # outgoing connections cannot take these before TensorFlow

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each host's worker, which no other program uses."""
        pairs = zip(self.hosts, self._ports, strict=True)
        return {host: f"127.0.0.1:{port}" for host, port in pairs}

    def resources(self, host: str) -> dict[str, Any]:
        """Return the contents of resourceconfig.json on a host."""
        type_, hosts = self._instance_type, self.hosts
        return {
            "current_host": host,
            "hosts": hosts,
            "current_instance_type": type_,
            "current_group_name": _GROUP,
            "current_instance_group": _GROUP,
            "instance_groups": [
                {"instance_group_name": _GROUP, "instance_type": type_, "hosts": hosts}
            ],
            "network_interface_name": "lo",
        }

    def release(self) -> None:
        """Release the ports."""
        give_back(self._ports)


class VolumeFull(JobFailure):
    """The files of a job exceed its volume."""


class Volume:
    """A folder with a limit in gigabytes; without one, its size is unlimited."""

    def __init__(self, folder: Path, gigabytes: float | None) -> None:
        self._folder, self._gigabytes = folder, gigabytes
        self.pause = LOOK_SECONDS  # seconds between two counts
        self._due = 0.0
        self.percent: float | None = None  # in use at the last count

    def look(self) -> None:
        """Check the size if enough time has passed since the last count."""
        if time.monotonic() >= self._due:
            self.check()

    def check(self, when: str = "") -> None:
        """Raise VolumeFull if the folder exceeds the volume; the reason begins with `when`."""
        if not self._gigabytes:  # instance types with a local disk have no volume
            return
        began = time.monotonic()
        used = allocated_bytes(self._folder)
        now = time.monotonic()
        self.pause = max(LOOK_SECONDS, _SHARE * (now - began))
        self._due = now + self.pause
        self.percent = 100 * used / (self._gigabytes * _GIGABYTE)
        if self.percent > 100:
            raise VolumeFull(
                f"ClientError: {when}Insufficient disk space: the job's files take {used} bytes, "
                f"more than the {self._gigabytes} GB of its volume. Increase "
                "VolumeSizeInGB."
            )


def allocated_bytes(folder: Path) -> int:
    """Return the bytes that the files below a folder occupy on disk, counting links once."""
    blocks: dict[tuple[int, int], int] = {}
    for parent, _, names in os.walk(folder):  # skips a folder that disappears
        for name in names:
            try:
                status = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - called often
            except OSError:  # it has disappeared
                continue
            blocks[status.st_dev, status.st_ino] = status.st_blocks
    return _BLOCK * sum(blocks.values())


class Machine:
    """A host of a job's cluster, whose files are in a folder."""

    def __init__(
        self, region: Region, kind: str, record: Record, cluster: Cluster, host: str
    ) -> None:
        name = record[f"{kind}JobName"]
        self.region, self.record, self.cluster, self.host = region, record, cluster, host
        self.has_network = True
        self.folder = region.folder(f"{kind.lower()}-jobs", name, host)
        self.ml = self.folder / "opt" / "ml"
        self.opt_ml = OptMl(region.settings, self.ml)
        self.volume = Volume(self.folder, cluster.gigabytes)
        self.process: ChildProcess | None = None
        self.code: int | None = None
        self._logs: LogStream | None = None
        self._group = f"/aws/sagemaker/{kind}Jobs"  # of its log, and the namespace of its metrics
        self._name = f"{name}/{host}"
        self._usage: Usage | None = None

    @property
    def share(self) -> tuple[int, int]:
        """The number of the host, from 0, and the number of hosts."""
        return self.cluster.hosts.index(self.host), len(self.cluster.hosts)

    def folder_of(self, path: str) -> Path:
        """Return the folder that stands for one below /opt/ml."""
        return self.ml / Path(os.path.normpath(path)).relative_to("/opt/ml")

    def download(self) -> None:
        """Provide the data and the configuration of the job."""
        raise NotImplementedError

    def start(self, on_line: Callable[[str], None]) -> None:
        """Start the process of the job; give each line of its output to `on_line`."""
        raise NotImplementedError

    def configure(self, folder: str, files: Mapping[str, Any]) -> None:
        """Write JSON files to a folder below /opt/ml."""
        target = self.ml / folder
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (target / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def open_log(self) -> None:
        """Create the log stream of the machine."""
        stream = f"{self._name}-{int(time.time())}"
        self._logs = LogStream(self.region.name, self._group, stream)

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
            self._group,
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

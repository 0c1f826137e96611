"""An instance of a training job: the folder that serves as /opt/ml, a process, and a log."""

import json
import threading
import time
from collections.abc import Callable, Sequence

from local_aws.logs import LogStream
from local_aws.processes import ChildProcess
from local_aws.records import Record
from local_aws.sagemaker.containers.opt_ml import OptMl
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.channels import describe_channel, input_mode, provide_channel
from local_aws.sagemaker.training.checkpoints import Checkpoints, checkpoint_folder
from local_aws.sagemaker.training.cluster import Cluster
from local_aws.sagemaker.training.entry_points import launch_command
from local_aws.sagemaker.training.failure_file import read_failure_file
from local_aws.sagemaker.training.launchers import launch_environment, members_without_effect
from local_aws.sagemaker.training.pipes import ChannelPipes
from local_aws.sagemaker.training.volume import Volume

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


class Instance:
    """A host of a job's cluster."""

    def __init__(self, region: Region, record: Record, cluster: Cluster, host: str) -> None:
        self.host = host
        self._region, self._record, self._cluster = region, record, cluster
        folder = region.folder("training-jobs", record["TrainingJobName"], host)
        self.ml = folder / "opt" / "ml"
        self._opt_ml = OptMl(region.settings, self.ml)
        self.volume = Volume(folder, record["ResourceConfig"].get("VolumeSizeInGB"))
        self.process: ChildProcess | None = None
        self.code: int | None = None
        self._logs: LogStream | None = None
        self._pipes: list[ChannelPipes] = []
        self.checkpoints: Checkpoints | None = None
        if config := record.get("CheckpointConfig"):
            target = checkpoint_folder(config, self.ml)
            self.checkpoints = Checkpoints(region.client("s3"), config["S3Uri"], target)

    def download(self) -> None:
        """Fill the channels, and write the configuration files in /opt/ml/input."""
        for folder in ("model", "output/data", "input/config", "code"):
            (self.ml / folder).mkdir(parents=True, exist_ok=True)
        channels = {
            channel["ChannelName"]: self._provide(channel)
            for channel in self._record.get("InputDataConfig", [])
        }
        if self.checkpoints:
            self.checkpoints.download()
            self.volume.check("Data download failed:")
        config = {
            "hyperparameters": self._record.get("HyperParameters", {}),
            "inputdataconfig": channels,
            "resourceconfig": self._cluster.resources(self.host),
        }
        for name, content in config.items():
            path = self.ml / "input" / "config" / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")

    def _provide(self, channel: Record) -> dict[str, str]:
        """Fill the folder of a channel or create its pipe; return its configuration."""
        hosts = self._cluster.hosts
        share = (hosts.index(self.host), len(hosts))
        mode = input_mode(channel, self._record["AlgorithmSpecification"])
        folder = self.ml / "input" / "data" / channel["ChannelName"]
        pipes = provide_channel(self._region.client("s3"), channel, mode, folder, share)
        if pipes:
            self._pipes.append(pipes)
        self.volume.check("Data download failed:")
        return describe_channel(channel, mode)

    def start(self, on_line: Callable[[str], None]) -> None:
        """Start the launcher; send each line of its output to CloudWatch Logs and to `on_line`."""
        name = self._record["TrainingJobName"]
        stream = f"{name}/{self.host}-{int(time.time())}"
        logs = self._logs = LogStream(self._region.client("logs"), LOG_GROUP, stream)

        for member in members_without_effect(self._record):
            logs.write(f"{member} has no effect in the local AWS.")

        def write(line: str) -> None:
            logs.write(line)
            on_line(line)

        command = launch_command(self._record["AlgorithmSpecification"], self.ml)
        environment = launch_environment(self._region, self._record, self._cluster, self.ml)
        command = self._opt_ml.command(command)
        self.process = ChildProcess(command, environment, self.ml / "code", write)
        for pipes in self._pipes:
            pipes.start()
        if self.checkpoints:
            self.checkpoints.start()

    def log(self, line: str) -> None:
        """Write a line of the local AWS's own to the job's log."""
        if self._logs:
            self._logs.write(line)

    @property
    def has_model(self) -> bool:
        """Whether it has left anything in /opt/ml/model."""
        return any((self.ml / "model").glob("*"))

    def wait(self, seconds: float) -> None:
        """Wait for the process to end; raise JobFailure if its surroundings failed it."""
        if self.process is None:
            return
        self.code = self.process.wait(seconds)
        for pipes in self._pipes:
            if pipes.failure:
                raise pipes.failure
        if self.code is not None and (fault := self._opt_ml.fault()):
            raise JobFailure(f"AlgorithmError: {fault}")
        try:
            if self.code is None:
                self.volume.look()
            else:
                self.volume.check()
        except JobFailure as failure:
            raise JobFailure(f"{failure} {read_failure_file(self.ml)}".strip()) from failure

    def close(self) -> None:
        """Close the pipes and the log, and upload the last checkpoints; the process has ended."""
        for pipes in self._pipes:
            pipes.close()
        try:
            if self.checkpoints:
                self.checkpoints.finish()
        finally:
            if self._logs:
                self._logs.close()


def stop_together(instances: Sequence[Instance], grace: float) -> None:
    """Ask all processes to end at the same time; kill those that remain after `grace` seconds."""
    threads = [
        threading.Thread(target=instance.process.stop, args=(grace,))
        for instance in instances
        if instance.process
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

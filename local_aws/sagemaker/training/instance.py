"""An instance of a training job: its channels, its launcher, and why it failed."""

from collections.abc import Callable, Mapping
from pathlib import Path

from local_aws.records import Record
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.containers.images.environments import python_of
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.jobs.machine import Cluster, Machine, VolumeFull
from local_aws.sagemaker.jobs.uploads import Checkpoints, checkpoint_path
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.channels import (
    ChannelPipes,
    describe_channel,
    input_mode,
    provide_channel,
)
from local_aws.sagemaker.training.launchers import (
    launch_command,
    launch_environment,
    members_without_effect,
)

_LENGTH = 990  # characters of the file, which leaves room for the exit code


def read_failure_file(ml: Path, length: int = _LENGTH) -> str:
    """Return the start of the failure file, or an empty string without one."""
    path = ml / "output" / "failure"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(length).strip()


def failure_reason(failures: Mapping[str, tuple[Path, int]], several: bool) -> str:
    """Return the FailureReason of a job from the /opt/ml and the exit code of each failed host.

    With several instances, the reason names the failed hosts, killed ones first: the others may
    have failed only because those were gone.
    """
    length = _LENGTH // len(failures)
    texts = {host: _text(ml, code, length) for host, (ml, code) in failures.items()}
    if not several:
        return "AlgorithmError: " + "; ".join(texts.values())
    hosts = sorted(texts, key=lambda host: "killed by signal" not in texts[host])
    return "AlgorithmError: " + "; ".join(f"{host}: {texts[host]}" for host in hosts)


def _text(ml: Path, code: int, length: int) -> str:
    ending = f", exit code: {code}"
    reason = read_failure_file(ml, length - len(ending))
    if code < 0:
        reason = reason or f"the process was killed by signal {-code}"
    return reason + ending


class Instance(Machine):
    """A host of a job's cluster."""

    def __init__(
        self, region: Region, kind: str, record: Record, cluster: Cluster, host: str
    ) -> None:
        super().__init__(region, kind, record, cluster, host)
        self.has_network = not record.get("EnableNetworkIsolation")
        self._pipes: list[ChannelPipes] = []
        self.checkpoints: Checkpoints | None = None
        if config := record.get("CheckpointConfig"):
            target = self.folder_of(checkpoint_path(config))
            self.checkpoints = Checkpoints(region.client("s3"), config["S3Uri"], target)

    def download(self) -> None:
        """Fill the channels, and write the configuration files in /opt/ml/input."""
        for folder in ("model", "output/data", "code"):
            (self.ml / folder).mkdir(parents=True, exist_ok=True)
        channels = {
            channel["ChannelName"]: self._provide(channel)
            for channel in self.record.get("InputDataConfig", [])
        }
        if self.checkpoints:
            self.checkpoints.download()
            self.volume.check("Data download failed:")
        config = {
            "hyperparameters": self.record.get("HyperParameters", {}),
            "inputdataconfig": channels,
            "resourceconfig": self.cluster.resources(self.host),
        }
        self.configure("input/config", config)

    def _provide(self, channel: Record) -> dict[str, str]:
        """Fill the folder of a channel or create its pipe; return its configuration."""
        mode = input_mode(channel, self.record["AlgorithmSpecification"])
        folder = self.ml / "input" / "data" / channel["ChannelName"]
        pipes = provide_channel(self.region.client("s3"), channel, mode, folder, self.share)
        if pipes:
            self._pipes.append(pipes)
        self.volume.check("Data download failed:")
        return describe_channel(channel, mode)

    def start(self, on_line: Callable[[str], None]) -> None:
        """Start the launcher; send each line of its output to CloudWatch Logs and to `on_line`."""
        self.open_log()
        for member in members_without_effect(self.record):
            self.log(f"{member} has no effect in the local AWS.")
        algorithm = self.record["AlgorithmSpecification"]
        python = python_of(find_image(algorithm["TrainingImage"]))
        channels = self.ml / "input" / "data"
        command = launch_command(algorithm, self.opt_ml, channels, python)
        environment = launch_environment(self.region, self.record, self.cluster, self.ml)
        self.run(command, environment, self.ml / "code", on_line)
        for pipes in self._pipes:
            pipes.start()
        if self.checkpoints:
            self.checkpoints.start()

    def wait(self, seconds: float) -> None:
        """Wait for the process to end; raise JobFailure if its surroundings failed it."""
        try:
            super().wait(seconds)
        except VolumeFull as failure:
            raise JobFailure(f"{failure} {read_failure_file(self.ml)}".strip()) from failure

    def check_data(self) -> None:
        """Raise JobFailure if a channel failed."""
        for pipes in self._pipes:
            if pipes.failure:
                raise pipes.failure

    def close(self) -> None:
        """Close the pipes and the log, and upload the last checkpoints; the process has ended."""
        for pipes in self._pipes:
            pipes.close()
        try:
            if self.checkpoints:
                self.checkpoints.finish()
        finally:
            super().close()

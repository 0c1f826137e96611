"""An instance of a training job: the folder that serves as /opt/ml, a process, and a log."""

from collections.abc import Callable

from local_aws.records import Record
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.containers.images.environments import python_of
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.jobs.cluster import Cluster
from local_aws.sagemaker.jobs.machine import Machine
from local_aws.sagemaker.jobs.volume import VolumeFull
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.channels import describe_channel, input_mode, provide_channel
from local_aws.sagemaker.training.checkpoints import Checkpoints, checkpoint_folder
from local_aws.sagemaker.training.entry_points import launch_command
from local_aws.sagemaker.training.failure_file import read_failure_file
from local_aws.sagemaker.training.launchers import launch_environment, members_without_effect
from local_aws.sagemaker.training.pipes import ChannelPipes

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


class Instance(Machine):
    """A host of a job's cluster."""

    def __init__(self, region: Region, record: Record, cluster: Cluster, host: str) -> None:
        folder = region.folder("training-jobs", record["TrainingJobName"], host)
        super().__init__(region, folder, host, record["ResourceConfig"].get("VolumeSizeInGB"))
        self._record, self._cluster = record, cluster
        self.has_network = not record.get("EnableNetworkIsolation")
        self._pipes: list[ChannelPipes] = []
        self.checkpoints: Checkpoints | None = None
        if config := record.get("CheckpointConfig"):
            target = checkpoint_folder(config, self.ml)
            self.checkpoints = Checkpoints(region.client("s3"), config["S3Uri"], target)

    def download(self) -> None:
        """Fill the channels, and write the configuration files in /opt/ml/input."""
        for folder in ("model", "output/data", "code"):
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
        self.configure("input/config", config)

    def _provide(self, channel: Record) -> dict[str, str]:
        """Fill the folder of a channel or create its pipe; return its configuration."""
        share = (self._cluster.hosts.index(self.host), len(self._cluster.hosts))
        mode = input_mode(channel, self._record["AlgorithmSpecification"])
        folder = self.ml / "input" / "data" / channel["ChannelName"]
        pipes = provide_channel(self.region.client("s3"), channel, mode, folder, share)
        if pipes:
            self._pipes.append(pipes)
        self.volume.check("Data download failed:")
        return describe_channel(channel, mode)

    def start(self, on_line: Callable[[str], None]) -> None:
        """Start the launcher; send each line of its output to CloudWatch Logs and to `on_line`."""
        self.open_log(LOG_GROUP, self._record["TrainingJobName"])
        for member in members_without_effect(self._record):
            self.log(f"{member} has no effect in the local AWS.")
        algorithm = self._record["AlgorithmSpecification"]
        python = python_of(find_image(algorithm["TrainingImage"]))
        channels = self.ml / "input" / "data"
        command = launch_command(algorithm, self.opt_ml, channels, python)
        environment = launch_environment(self.region, self._record, self._cluster, self.ml)
        self.run(command, environment, self.ml / "code", on_line)
        for pipes in self._pipes:
            pipes.start()
        if self.checkpoints:
            self.checkpoints.start()

    @property
    def has_model(self) -> bool:
        """Whether it has left anything in /opt/ml/model."""
        return any((self.ml / "model").glob("*"))

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

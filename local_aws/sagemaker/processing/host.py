"""A machine of a processing job, with its inputs, its outputs, and its configuration."""

from pathlib import Path

from local_aws.processes import watched
from local_aws.records import Record
from local_aws.sagemaker.containers.environment import container_env
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.jobs.cluster import Cluster
from local_aws.sagemaker.jobs.machine import Machine
from local_aws.sagemaker.jobs.uploads import Uploads
from local_aws.sagemaker.processing.paths import local_folder
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.channels import provide_channel
from local_aws.sagemaker.training.launchers import find_launcher

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_MESSAGE_BYTES = 1024  # of /opt/ml/output/message that become the ExitMessage
_NOT_SHOWN = ("CreationTime", "LastModifiedTime", "ProcessingJobStatus")


class Host(Machine):
    """A host of a job's cluster."""

    def __init__(self, region: Region, record: Record, cluster: Cluster, host: str) -> None:
        folder = region.folder("processing-jobs", record["ProcessingJobName"], host)
        resources = record["ProcessingResources"]["ClusterConfig"]
        super().__init__(region, folder, host, resources["VolumeSizeInGB"])
        self._record, self._cluster = record, cluster
        self.has_network = not record.get("NetworkConfig", {}).get("EnableNetworkIsolation")
        config = record.get("ProcessingOutputConfig", {})
        key = config.get("KmsKeyId", "")
        self._uploads = {"EndOfJob": list[Uploads](), "Continuous": list[Uploads]()}
        for output in (item["S3Output"] for item in config.get("Outputs", [])):
            folder = local_folder(output["LocalPath"], self.ml)
            uploads = Uploads(region.client("s3"), output["S3Uri"], folder, key)
            self._uploads[output["S3UploadMode"]].append(uploads)

    def download(self) -> None:
        """Provide the inputs, empty folders for the outputs, and the configuration."""
        for source in (item["S3Input"] for item in self._record.get("ProcessingInputs", [])):
            self._provide(source)
        for uploads in (*self._uploads["EndOfJob"], *self._uploads["Continuous"]):
            uploads.folder.mkdir(parents=True, exist_ok=True)
        config = {
            "processingjobconfig": {
                name: value for name, value in self._record.items() if name not in _NOT_SHOWN
            },
            "resourceconfig": self._cluster.resources(self.host),
        }
        (self.ml / "output").mkdir(parents=True, exist_ok=True)
        self.configure("config", config)

    def _provide(self, source: Record) -> None:
        channel = {"DataSource": {"S3DataSource": source}}
        share = (self._cluster.hosts.index(self.host), len(self._cluster.hosts))
        folder = local_folder(source["LocalPath"], self.ml)
        provide_channel(self.region.client("s3"), channel, "File", folder, share)
        self.volume.check("Data download failed:")

    def start(self) -> None:
        """Start the command of the job, and the uploads that last as long as it runs."""
        specification = self._record["AppSpecification"]
        self.open_log(LOG_GROUP, self._record["ProcessingJobName"])
        image = find_image(specification["ImageUri"])
        launcher = find_launcher(image)
        declared = {**launcher.variables, **self._record.get("Environment", {})}
        environment = container_env(self.region, image, self.ml, declared, list(launcher.sites))
        arguments = specification.get("ContainerArguments", [])
        words = map(self.opt_ml.located, [*specification["ContainerEntrypoint"], *arguments])
        folder = self.folder / "work"
        folder.mkdir()
        self.run(watched([*words]), environment, folder, lambda _: None)
        for uploads in self._uploads["Continuous"]:
            uploads.start()

    def upload(self) -> None:
        """Upload the outputs of a completed job."""
        for uploads in self._uploads["EndOfJob"]:
            uploads.copy_all()
        for uploads in (*self._uploads["EndOfJob"], *self._uploads["Continuous"]):
            if uploads.failure:
                raise uploads.failure

    def close(self) -> None:
        """End the uploads and the log; the process has ended."""
        try:
            for uploads in self._uploads["Continuous"]:
                uploads.finish()
        finally:
            super().close()

    def message(self) -> str:
        """Return what the program left in /opt/ml/output/message; raise JobFailure if not UTF-8."""
        path: Path = self.ml / "output" / "message"
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            data = file.read(_MESSAGE_BYTES)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            if error.end == len(data) == _MESSAGE_BYTES:  # a character that is cut off
                return data[: error.start].decode()
            raise JobFailure(
                "ClientError: The file /opt/ml/output/message is not UTF-8 text."
            ) from error

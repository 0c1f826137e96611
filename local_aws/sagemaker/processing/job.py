"""Run a processing job from its record to its outputs.

Each machine downloads the inputs, runs the command of the request, and uploads the outputs: those
of the mode Continuous while it runs, all others if all machines have succeeded.
"""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from local_aws.errors import ValidationError, not_reproduced
from local_aws.processes import watched
from local_aws.records import Record, now
from local_aws.sagemaker.containers.environment import container_env
from local_aws.sagemaker.containers.images import find_image
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.sagemaker.jobs.machine import Cluster, Machine
from local_aws.sagemaker.jobs.run import Job
from local_aws.sagemaker.jobs.uploads import Uploads
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.training.channels import provide_channel
from local_aws.sagemaker.training.launchers import find_launcher

ROOT = "/opt/ml/processing"
_MESSAGE_BYTES = 1024  # of /opt/ml/output/message that become the ExitMessage
_NOT_SHOWN = ("CreationTime", "LastModifiedTime", "ProcessingJobStatus")
_MESSAGE_CHARACTERS = 1024


def check_paths(request: Record) -> None:
    """Raise ValidationError unless each input and output has its own name and a valid folder."""
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for items, kind in ((inputs, "Input"), (outputs, "Output")):
        names = [item[f"{kind}Name"] for item in items]
        if len(set(names)) != len(names):
            raise ValidationError(f"The names of the processing {kind.lower()}s are not unique.")
        for item in items:
            source = item.get(f"S3{kind}")
            if source is None:
                raise ValidationError(f"The {kind.lower()} {item[f'{kind}Name']} has no S3{kind}.")
            _check_path(item[f"{kind}Name"], source.get("LocalPath", ""))


def _check_path(name: str, path: str) -> None:
    normal = Path(os.path.normpath(path))
    if not path or not normal.is_relative_to(ROOT) or normal == Path(ROOT):
        raise ValidationError(
            f"The LocalPath of {name} must be a folder below {ROOT}/, got {path!r}."
        )


def check_command(specification: Record) -> None:
    """Raise ValidationError for a job that would run the default program of its image."""
    if not specification.get("ContainerEntrypoint"):
        raise not_reproduced(
            "AppSpecification of CreateProcessingJob without a ContainerEntrypoint, since the "
            "images have no program for processing"
        )


class Host(Machine):
    """A host of a job's cluster."""

    def __init__(
        self, region: Region, kind: str, record: Record, cluster: Cluster, host: str
    ) -> None:
        super().__init__(region, kind, record, cluster, host)
        self.has_network = not record.get("NetworkConfig", {}).get("EnableNetworkIsolation")
        config = record.get("ProcessingOutputConfig", {})
        key = config.get("KmsKeyId", "")
        self._uploads = {"EndOfJob": list[Uploads](), "Continuous": list[Uploads]()}
        for output in (item["S3Output"] for item in config.get("Outputs", [])):
            folder = self.folder_of(output["LocalPath"])
            uploads = Uploads(region.client("s3"), output["S3Uri"], folder, key)
            self._uploads[output["S3UploadMode"]].append(uploads)

    def download(self) -> None:
        """Provide the inputs, empty folders for the outputs, and the configuration."""
        for source in (item["S3Input"] for item in self.record.get("ProcessingInputs", [])):
            self._provide(source)
        for uploads in (*self._uploads["EndOfJob"], *self._uploads["Continuous"]):
            uploads.folder.mkdir(parents=True, exist_ok=True)
        config = {
            "processingjobconfig": {
                name: value for name, value in self.record.items() if name not in _NOT_SHOWN
            },
            "resourceconfig": self.cluster.resources(self.host),
        }
        (self.ml / "output").mkdir(parents=True, exist_ok=True)
        self.configure("config", config)

    def _provide(self, source: Record) -> None:
        channel = {"DataSource": {"S3DataSource": source}}
        folder = self.folder_of(source["LocalPath"])
        provide_channel(self.region.client("s3"), channel, "File", folder, self.share)
        self.volume.check("Data download failed:")

    def start(self, on_line: Callable[[str], None]) -> None:
        """Start the command of the job, and the uploads that last as long as it runs."""
        specification = self.record["AppSpecification"]
        self.open_log()
        image = find_image(specification["ImageUri"])
        launcher = find_launcher(image)
        declared = {**launcher.variables, **self.record.get("Environment", {})}
        environment = container_env(self.region, image, self.ml, declared, list(launcher.sites))
        arguments = specification.get("ContainerArguments", [])
        words = map(self.opt_ml.located, [*specification["ContainerEntrypoint"], *arguments])
        folder = self.folder / "work"
        folder.mkdir()
        self.run(watched([*words]), environment, folder, on_line)
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


def run_processing_job(region: Region, name: str) -> None:
    """Run a recorded job until it is Completed, Failed, or Stopped; never raise."""
    try:
        with closing(_Job(region, name)) as job:
            status, fields = job.run()
    except Exception as error:
        reason = failure_reason_of(error, f"The processing job {name}")
        status, fields = "Failed", {"FailureReason": reason}
    region.end_job("Processing", name, status, **fields)  # a new job may use its folder from now on


class _Job(Job[Host]):
    def __init__(self, region: Region, name: str) -> None:
        resources = region.processing_jobs.get(name)["ProcessingResources"]
        super().__init__(region, "Processing", name, Host, resources["ClusterConfig"])

    def run(self) -> tuple[str, Record]:
        """Run the job to its end; return its status and fields; raise JobFailure if it cannot."""
        for host in self._machines:
            host.download()
        if self._is_stopping:
            return "Stopped", {}
        self._region.processing_jobs.update(self._name, ProcessingStartTime=now())
        ending, failed = self.run_processes(lambda _: None)
        return self._finish(ending, bool(failed))

    def _finish(self, ending: str, has_failed: bool) -> tuple[str, Record]:
        """Upload the outputs of a job that succeeded; return its status and fields."""
        messages = [message for host in self._machines if (message := host.message())]
        fields: Record = {"ExitMessage": "".join(messages)[:_MESSAGE_CHARACTERS] or None}
        status = "Stopped" if ending else "Completed"
        if has_failed and not ending:
            status = "Failed"
            fields["FailureReason"] = "AlgorithmError: See job logs for more information"
        if status == "Completed":
            try:
                for host in self._machines:
                    host.upload()
            except JobFailure as failure:
                status, fields["FailureReason"] = "Failed", str(failure)
        return status, fields

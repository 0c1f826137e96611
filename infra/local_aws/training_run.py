"""Run one training job from its record to its artifacts, in a process under AWS's launchers.

The steps and states are SageMaker's: Starting, Downloading, Training, Uploading, Completed.
"""

import json
import logging
import re
import shutil
import time
from typing import Any

from infra.local_aws import archives, cloud
from infra.local_aws.container_env import container_env
from infra.local_aws.entry_points import launch_command
from infra.local_aws.errors import JobFailure, ServiceError
from infra.local_aws.failure_file import failure_reason, own_sentence
from infra.local_aws.images import find_image
from infra.local_aws.logs import LogStream
from infra.local_aws.processes import ChildProcess
from infra.local_aws.records import Record, now
from infra.local_aws.region import Region
from infra.local_aws.volume import Volume

log = logging.getLogger(__name__)
_HOST = "algo-1"
_REASON_LENGTH = 1024  # characters of a failure file that the API shows
_STOP_GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def run_training_job(region: Region, name: str) -> None:
    """Carry a recorded job to Completed, Failed or Stopped; never raises."""
    run = _Run(region, name)
    try:
        run.enter("Starting")
        run.download()
        run.train()
        run.upload()
        run.finish("Completed", "Completed")
    except _Stopped as stopped:
        run.finish("Stopped", stopped.args[0])
    except (JobFailure, ServiceError) as failure:
        run.finish("Failed", "Failed", FailureReason=str(failure)[:_REASON_LENGTH])
    except Exception:
        log.exception("training job %s", name)
        run.finish("Failed", "Failed", FailureReason="InternalServerError: see the local AWS's log")
    finally:
        run.clean_up()


class _Stopped(Exception):
    """The job was stopped; the argument is its last secondary status."""


class _Run:
    def __init__(self, region: Region, name: str) -> None:
        self.region, self.name = region, name
        self.record: Record = region.training_jobs.get(name)
        self.folder = region.folder("training-jobs", name)
        self.ml = self.folder / "opt" / "ml"
        self.volume = Volume(self.folder, self.record["ResourceConfig"].get("VolumeSizeInGB"))
        self.transitions: list[Record] = []
        self.metrics: dict[str, Record] = {}
        definitions = self.record["AlgorithmSpecification"].get("MetricDefinitions", [])
        self.patterns = [(item["Name"], re.compile(item["Regex"])) for item in definitions]
        self.started = now()

    def enter(self, status: str) -> None:
        """Move to a secondary status, unless the job is being stopped."""
        if self.region.training_jobs.get(self.name)["TrainingJobStatus"] == "Stopping":
            raise _Stopped("Stopped")
        self._transition(status)
        self.region.training_jobs.update(self.name, SecondaryStatus=status)

    def _transition(self, status: str) -> None:
        if self.transitions:
            self.transitions[-1]["EndTime"] = now()
        self.transitions.append(
            {"Status": status, "StartTime": now(), "StatusMessage": _MESSAGES[status]}
        )
        self.region.training_jobs.update(self.name, SecondaryStatusTransitions=self.transitions)

    def download(self) -> None:
        """Fill the channels and write the configuration files of /opt/ml/input."""
        self.enter("Downloading")
        s3 = self.region.client("s3")
        for folder in ("model", "output/data", "input/config", "code"):
            (self.ml / folder).mkdir(parents=True, exist_ok=True)
        channels = {}
        for channel in self.record.get("InputDataConfig", []):
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            folder = self.ml / "input" / "data" / channel["ChannelName"]
            if cloud.download_prefix(s3, uri, folder) == 0:
                raise JobFailure(
                    "ClientError: Data download failed:No S3 objects found under S3 URL "
                    f'"{uri}" given in input data source. Please ensure that the bucket exists in '
                    "the selected region and that objects exist under that S3 prefix."
                )
            self.volume.check("Data download failed:")
            channels[channel["ChannelName"]] = {
                "TrainingInputMode": "File",
                "S3DistributionType": "FullyReplicated",
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            } | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
        group = {
            "instance_group_name": "homogeneousCluster",
            "instance_type": self.record["ResourceConfig"].get("InstanceType", "local"),
            "hosts": [_HOST],
        }
        resources = {
            "current_host": _HOST,
            "hosts": [_HOST],
            "current_instance_type": group["instance_type"],
            "current_group_name": "homogeneousCluster",
            "current_instance_group": "homogeneousCluster",
            "instance_groups": [group],
            "network_interface_name": "lo",
        }
        self._write_config("hyperparameters", self.record.get("HyperParameters", {}))
        self._write_config("inputdataconfig", channels)
        self._write_config("resourceconfig", resources)

    def _write_config(self, name: str, content: Any) -> None:
        path = self.ml / "input" / "config" / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")

    def train(self) -> None:
        """Run the launcher to its end, with its output in CloudWatch Logs and metrics read."""
        self.enter("Training")
        self.started = now()
        self.region.training_jobs.update(self.name, TrainingStartTime=self.started)
        algorithm = self.record["AlgorithmSpecification"]
        image = find_image(algorithm["TrainingImage"])
        declared = {
            "TRAINING_JOB_NAME": self.name,
            "TRAINING_JOB_ARN": self.record["TrainingJobArn"],
            "SM_STUDIO_LOCAL_MODE": "true",  # spares the launcher 15 minutes of looking up algo-1
            **self.record.get("Environment", {}),
        }
        env = container_env(self.region, image, self.ml, declared, [])
        stream = f"{self.name}/{_HOST}-{int(time.time())}"
        command = launch_command(algorithm, self.ml)
        logs = LogStream(self.region.client("logs"), "/aws/sagemaker/TrainingJobs", stream)

        def on_line(line: str) -> None:
            logs.write(line)
            self._read_metrics(line)

        try:
            process = ChildProcess(command, env, self.ml / "code", on_line)
            with self.region.lock:
                self.region.job_processes[self.name] = process
                stopping = self._stopping()
            try:
                if stopping:
                    process.stop()
                self._wait(process)
            finally:
                process.stop(0)  # however the wait ended, nothing of the job is left
        finally:
            with self.region.lock:
                self.region.job_processes.pop(self.name, None)
            logs.close()

    def _stopping(self) -> bool:
        status = self.region.training_jobs.get(self.name)["TrainingJobStatus"]
        return bool(status == "Stopping")

    def _wait(self, process: ChildProcess) -> None:
        limit = self.record.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86400)
        deadline = time.monotonic() + limit
        code = None
        try:
            while code is None and (left := deadline - time.monotonic()) > 0:
                code = process.wait(min(self.volume.pause, left))
                self.volume.check()
        except JobFailure as full:
            raise JobFailure(f"{full} {own_sentence(self.ml)}".strip()) from full
        if code is None:
            process.stop(_STOP_GRACE)
            self.upload()
            raise _Stopped("MaxRuntimeExceeded")
        if self._stopping():
            self.upload()  # the script had the grace to save its model
            raise _Stopped("Stopped")
        if code != 0:
            raise JobFailure(failure_reason(self.ml, code))

    def _read_metrics(self, line: str) -> None:
        for name, pattern in self.patterns:
            found = pattern.search(line)
            if found is None or not found.groups():
                continue
            try:
                value = float(found.group(1))
            except (TypeError, ValueError):  # the group took no part in the match, or no number
                continue
            self.metrics[name] = {"MetricName": name, "Value": value, "Timestamp": now()}
            self.region.training_jobs.update(
                self.name, FinalMetricDataList=list(self.metrics.values())
            )

    def upload(self) -> None:
        """Pack /opt/ml/model and /opt/ml/output/data and put them into S3."""
        self._transition("Uploading")
        s3 = self.region.client("s3")
        root = self.record["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        prefix = f"{root}/{self.name}/output"
        names = {"model": self.ml / "model", "output": self.ml / "output" / "data"}
        for name, folder in names.items():
            if name == "output" and not any(folder.iterdir()):
                continue
            archive = self.folder / f"{name}.tar.gz"
            archives.pack(folder, archive)
            cloud.upload_object(s3, archive, f"{prefix}/{name}.tar.gz")
        artifacts = {"S3ModelArtifacts": f"{prefix}/model.tar.gz"}
        self.region.training_jobs.update(self.name, ModelArtifacts=artifacts)

    def finish(self, status: str, secondary: str, **fields: Any) -> None:
        """Record how the job ended, and its times; a stop that came too late is still obeyed."""
        with self.region.lock:
            if status == "Completed" and self._stopping():
                status = secondary = "Stopped"
            self._transition(secondary)
            end = now()
            seconds = max(1, round((end - self.started).total_seconds()))
            self.region.training_jobs.update(
                self.name,
                TrainingJobStatus=status,
                SecondaryStatus=secondary,
                TrainingEndTime=end,
                TrainingTimeInSeconds=seconds,
                BillableTimeInSeconds=seconds,
                **fields,
            )

    def clean_up(self) -> None:
        """Take the job's folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)

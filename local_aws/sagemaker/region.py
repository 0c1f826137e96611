"""SageMaker in one region: records of its resources, and the resources that are running."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local_aws import cloud
from local_aws.errors import ServiceError, ValidationError
from local_aws.processes import ChildProcess
from local_aws.records import Record, Table, now
from local_aws.sagemaker.errors import ResourceInUse, ResourceNotFound


class _Names(Table):
    """Records by name; ARNs are in lower case, so no two names may differ only in their case."""

    def add(self, name: str, record: Record) -> None:
        """Store a new record; raise the kind's own error if the name is taken in any case."""
        with self._lock:
            lower = name.lower()
            super().add(next((key for key in self._records if key.lower() == lower), name), record)


@dataclass
class Region(cloud.Region):
    """SageMaker in one region."""

    instance_cpus: int = os.cpu_count() or 1  # limit per instance
    tags: dict[str, dict[str, str]] = field(default_factory=dict)  # ARN -> tags, for every resource
    traffic: dict[str, Any] = field(default_factory=dict)  # endpoint -> hosting.traffic.Traffic
    job_processes: dict[str, list[ChildProcess]] = field(default_factory=dict)  # by ARN of the job
    trials: dict[str, list[Any]] = field(default_factory=dict)  # tuning job -> tuning.trials.Trial
    # training job -> callback for each metric that it logs
    metric_watchers: dict[str, Callable[[str, float], None]] = field(default_factory=dict)
    transforms: dict[str, Any] = field(default_factory=dict)  # job -> transforming.job.TransformJob

    def __post_init__(self) -> None:
        """Create the tables, each with the errors of its kind."""
        self.training_jobs = self._job_table(
            "training-job", "Requested resource not found. There is no training job {!r}."
        )
        missing = "Could not find requested job with name: {}"
        self.transform_jobs = self._job_table("transform-job", missing)
        self.processing_jobs = self._job_table("processing-job", missing)
        # The API model has ResourceNotFound for all kinds of jobs; SageMaker returns it for these.
        self.tuning_jobs = self._job_table(
            "hyper-parameter-tuning-job",
            "Requested resource not found: tuning job {!r}.",
            ResourceNotFound,
            "Hyper parameter tuning job names",
        )
        self.jobs = {
            "Training": self.training_jobs,
            "Processing": self.processing_jobs,
            "Transform": self.transform_jobs,
            "HyperParameterTuning": self.tuning_jobs,
        }
        self.model_package_groups = self._table(
            "model package group", "model-package-group", "ModelPackageGroup {} does not exist."
        )
        self.model_packages = self._table(
            "model package", "model-package", "ModelPackage {} does not exist."
        )
        self.models = self._table("model", "model")
        self.endpoint_configs = self._table("endpoint configuration", "endpoint-config")
        self.endpoints = self._table("endpoint", "endpoint")

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a SageMaker resource, in which its name is in lower case."""
        return f"arn:aws:sagemaker:{self.name}:{self.settings.account_id}:{kind}/{name.lower()}"

    def check_role(self, role_arn: str) -> None:
        """Raise ValidationError unless the role exists and SageMaker may assume it."""
        if not cloud.may_assume(self.settings, self.name, role_arn, "sagemaker.amazonaws.com"):
            raise ValidationError(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
                "principal 'sagemaker.amazonaws.com' to assume the role."
            )

    def tags_of(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, which callers change under the lock."""
        if arn not in self.tags:
            raise ValidationError(f'Could not find a resource with the ARN "{arn}".')
        return self.tags[arn]

    def set_tags(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        """Set the tags of a new resource, replacing those of an earlier one with its name."""
        with self.lock:
            self.tags[arn] = {tag["Key"]: tag["Value"] for tag in tags or []}

    def is_stopping(self, kind: str, name: str) -> bool:
        """Return whether a job has been asked to stop."""
        return bool(self.jobs[kind].get(name)[f"{kind}JobStatus"] == "Stopping")

    def end_job(self, kind: str, name: str, status: str, **fields: Any) -> None:
        """Record how a job ended; one that was asked to stop is Stopped in any case.

        Only training jobs also have transitions (see training.progress).
        """
        with self.lock:
            if self.is_stopping(kind, name):
                status, fields = "Stopped", {**fields, "FailureReason": None}
            ended = {f"{kind}JobStatus": status, f"{kind}EndTime": now()}
            self.jobs[kind].update(name, **ended, **fields)

    def _table(self, noun: str, kind: str, missing: str = "") -> Table:
        def arn(name: str) -> str:
            return name if name.startswith("arn:") else self.arn(kind, name)

        missing = missing or f'Could not find {noun} "{{}}".'
        return _Names(
            lambda name: ValidationError(f'Cannot create already existing {noun} "{arn(name)}".'),
            lambda name: ValidationError(missing.format(arn(name))),
        )

    def _job_table(
        self,
        kind: str,
        missing: str,
        error: type[ServiceError] = ValidationError,
        subject: str = "Job name",
    ) -> Table:
        return _Names(
            lambda name: ResourceInUse(
                f"{subject} must be unique within an AWS account and region, and a job with this "
                f"name already exists ({self.arn(kind, name)})"
            ),
            lambda name: error(missing.format(name)),
        )

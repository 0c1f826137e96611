"""The state of a region: records, Lambda functions, and running resources."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws import cloud
from local_aws.errors import ResourceInUse, ResourceNotFound, ServiceError, ValidationError
from local_aws.functions import FunctionService
from local_aws.processes import ChildProcess
from local_aws.records import Table
from local_aws.settings import Settings


@dataclass
class Region:
    """The state of our services in one region, in memory only."""

    name: str
    settings: Settings
    functions: FunctionService = field(init=False)  # the server attaches it
    lock: threading.RLock = field(default_factory=threading.RLock)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)  # ARN -> tags, for every resource
    fleets: dict[str, Any] = field(default_factory=dict)  # endpoint name -> hosting.fleet.Fleet
    job_processes: dict[str, list[ChildProcess]] = field(default_factory=dict)
    trials: dict[str, list[Any]] = field(default_factory=dict)  # tuning job -> tuning.trials.Trial
    # training job -> callback for each metric that it logs
    metric_watchers: dict[str, Callable[[str, float], None]] = field(default_factory=dict)
    transforms: dict[str, Any] = field(default_factory=dict)  # job -> transforming.job.TransformJob
    stacks: dict[str, Any] = field(default_factory=dict)  # id -> cloudformation.records.Stack
    apis: dict[str, Any] = field(default_factory=dict)  # id -> apigateway.records.Api

    def __post_init__(self) -> None:
        """Create the tables, each with the errors of its kind."""
        self.training_jobs = Table(
            self._job_taken("training-job"), self._job_missing("training-job")
        )
        self.transform_jobs = Table(
            self._job_taken("transform-job"), self._job_missing("transform-job")
        )
        self.tuning_jobs = Table(self._tuning_job_taken, self._job_missing("tuning-job"))
        self.model_package_groups = Table(
            self._taken("model package group", "model-package-group"),
            self._missing("model package group", "model-package-group"),
        )
        self.model_packages = Table(
            self._taken("model package", "model-package"),
            self._missing("model package", "model-package"),
        )
        self.models = Table(self._taken("model", "model"), self._missing("model", "model"))
        self.endpoint_configs = Table(
            self._taken("endpoint configuration", "endpoint-config"),
            self._missing("endpoint configuration", "endpoint-config"),
        )
        self.endpoints = Table(
            self._taken("endpoint", "endpoint"), self._missing("endpoint", "endpoint")
        )

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a SageMaker resource, in which its name is in lower case."""
        return f"arn:aws:sagemaker:{self.name}:{self.settings.account_id}:{kind}/{name.lower()}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of this local AWS in this region."""
        return cloud.client(service, self.settings, self.name)

    def folder(self, *parts: str) -> Path:
        """Return a folder of this region under the state folder, created if necessary."""
        path = self.settings.state_dir.joinpath(self.name, *parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def tags_of(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, which callers change under the lock."""
        if arn not in self.tags:
            raise ValidationError(f'Could not find a resource with the ARN "{arn}".')
        return self.tags[arn]

    def set_tags(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        """Set the tags of a new resource, replacing those of an earlier one with its name."""
        with self.lock:
            self.tags[arn] = {tag["Key"]: tag["Value"] for tag in tags or []}

    def drop_tags(self, arn: str) -> None:
        """Delete the tags of a deleted resource."""
        with self.lock:
            self.tags.pop(arn, None)

    def _taken(self, noun: str, kind: str) -> Callable[[str], ServiceError]:
        return lambda name: ValidationError(
            f'Cannot create already existing {noun} "{self._arn_of(kind, name)}".'
        )

    def _missing(self, noun: str, kind: str) -> Callable[[str], ServiceError]:
        return lambda name: ValidationError(f'Could not find {noun} "{self._arn_of(kind, name)}".')

    def _arn_of(self, kind: str, name: str) -> str:
        return name if name.startswith("arn:") else self.arn(kind, name)

    def _job_taken(self, kind: str) -> Callable[[str], ServiceError]:
        return lambda name: ResourceInUse(
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({self.arn(kind, name)})"
        )

    @staticmethod
    def _job_missing(kind: str) -> Callable[[str], ServiceError]:
        noun = kind.replace("-", " ")
        return lambda name: ResourceNotFound(f"Requested resource not found: {noun} {name!r}.")

    def _tuning_job_taken(self, name: str) -> ServiceError:
        arn = self.arn("hyper-parameter-tuning-job", name)
        return ResourceInUse(
            "Hyper parameter tuning job names must be unique within an AWS account and region, and "
            f"a job with this name already exists ({arn})"
        )

"""Build the requests of a transform, as pure functions of frozen values."""

import re
from dataclasses import dataclass
from typing import Any

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, RESPONSE_TYPES, TEXT, media_type
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Call
from scripts.endpoints.plans import ReleasePlan
from scripts.transforms.files import Files, Form

STRATEGIES = {"multi": "MultiRecord", "single": "SingleRecord"}
MAX_MB = 100  # in flight to an instance, a limit of SageMaker
_LINES_MB, _FILE_MB = 1, 6
_OF_OTHERS = ("checkpoints", "code", "data", "jobs", "lambda", "models")  # see foundation.yaml
_CPUS = 2  # of the default instance


@dataclass(frozen=True)
class Processing:
    """JSONPath filters of inputs and outputs, and whether the two are joined."""

    join: bool = False
    input_filter: str | None = None
    output_filter: str | None = None

    def __post_init__(self) -> None:
        """Raise DeploymentError for a filter that is not a JSONPath."""
        for path in (self.input_filter, self.output_filter):
            if path is not None and not re.fullmatch(r"\$.{0,62}", path):
                raise DeploymentError(
                    f"the filter {path!r} is not a JSONPath of up to 63 characters; expected one "
                    "such as $.text or $[0,1]"
                )

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the job, none if records are not processed."""
        parameters = {
            "InputFilter": self.input_filter,
            "OutputFilter": self.output_filter,
            "JoinSource": "Input" if self.join else None,
        }
        return {name: value for name, value in parameters.items() if value is not None}


@dataclass(frozen=True)
class TransformPlan:
    """The parameters of a transform job.

    None selects a default of the requests that depends on the format of the files.
    """

    model: ReleasePlan  # without an endpoint; the job has its name and instances
    files: Files
    output_uri: str
    accept: str
    processing: Processing
    strategy: str | None = None
    payload_mb: int | None = None
    concurrent: int | None = None
    workers: int | None = None


def check_output_prefix(uri: str, bucket: str) -> None:
    """Raise DeploymentError for outputs at prefixes of the foundation that others read."""
    first = uri.removeprefix(f"s3://{bucket}/").partition("/")[0]
    if first in _OF_OTHERS:
        raise DeploymentError(
            f"--output {uri} is under {first}/, where the role of transforms cannot write; choose "
            f"another prefix, such as s3://{bucket}/scores/"
        )


def accept_of(form: Form, processing: Processing, accept: str | None) -> str:
    """Return the content type of the outputs; raise DeploymentError for an unsuitable one."""
    if accept is not None and (accept := media_type(accept)) not in RESPONSE_TYPES:
        raise DeploymentError(
            f"--accept {accept!r} is not a content type of outputs; expected one of "
            f"{', '.join(RESPONSE_TYPES)}"
        )
    if form.lines and accept == JSON:
        raise DeploymentError(
            f"--accept {JSON} is one document for all records of a request; expected {JSON_LINES} "
            f"or {CSV}, which have one line per record"
        )
    if processing.parameters() and form.content_type not in (CSV, JSON, JSON_LINES):
        raise DeploymentError(
            f"--join and filters need files in CSV, JSON or JSON lines; the input is "
            f"{form.content_type}"
        )
    joins_csv = bool(processing.parameters()) and form.content_type == CSV
    if accept and processing.parameters() and (accept == CSV) != joins_csv:
        expected = CSV if joins_csv else form.content_type
        raise DeploymentError(
            f"--join and filters need outputs in the format of the input; expected --accept "
            f"{expected}, found {accept}"
        )
    return accept or (CSV if joins_csv else JSON_LINES if form.lines else JSON)


def strategy_of(form: Form, strategy: str | None) -> str:
    """Return the number of records per request; text/plain and whole files allow only one."""
    if form.content_type == TEXT or not form.lines:
        if strategy == "multi":
            request = (
                "one text. Write one JSON string per line to .jsonl files instead."
                if form.lines
                else "a whole file; omit the flag"
            )
            raise DeploymentError(
                f"--strategy multi is not for {form.content_type} files, whose request is {request}"
            )
        return "single"
    return strategy or "multi"


def sizes_of(plan: TransformPlan) -> tuple[int, int]:
    """Return MB per request and concurrent requests; raise DeploymentError over the limit.

    By default, each worker of each container in the pipeline can have a request.
    """
    payload = plan.payload_mb or (_LINES_MB if plan.files.form.lines else _FILE_MB)
    concurrent = plan.concurrent or (plan.workers or _CPUS) * len(plan.model.containers)
    if payload * concurrent > MAX_MB:
        raise DeploymentError(
            f"{concurrent} concurrent requests of {payload} MB exceed SageMaker's limit of "
            f"{MAX_MB} MB; lower --concurrent or --max-payload"
        )
    return payload, concurrent


def transform_call(plan: TransformPlan) -> Call:
    """Return the call that starts the job."""
    form, strategy = plan.files.form, strategy_of(plan.files.form, plan.strategy)
    payload, concurrent = sizes_of(plan)
    source = {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": plan.files.uri}},
        "ContentType": form.content_type,
        "SplitType": "Line" if form.lines else "None",
        "CompressionType": "Gzip" if form.gzip else "None",
    }
    parameters: dict[str, Any] = {
        "TransformJobName": plan.model.name,
        "ModelName": plan.model.name,
        "MaxConcurrentTransforms": concurrent,
        "MaxPayloadInMB": payload,
        "TransformInput": source,
        "TransformOutput": {
            "S3OutputPath": plan.output_uri,
            "Accept": plan.accept,
            "AssembleWith": "Line" if form.lines else "None",
        },
        "TransformResources": {
            "InstanceType": plan.model.instance_type,
            "InstanceCount": plan.model.instance_count,
        },
        "Tags": plan.model.tags,
    }
    if form.lines:
        parameters["BatchStrategy"] = STRATEGIES[strategy]
    if plan.workers:
        parameters["Environment"] = {"SAGEMAKER_MODEL_SERVER_WORKERS": str(plan.workers)}
    if processing := plan.processing.parameters():
        parameters["DataProcessing"] = processing
    return Call("sagemaker", "create_transform_job", parameters)

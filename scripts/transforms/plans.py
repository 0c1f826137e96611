"""The requests that a transform makes, as pure functions of frozen values."""

from dataclasses import dataclass
from typing import Any

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, TEXT
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Call
from scripts.account.naming import recipe_tags, release_name
from scripts.transforms.files import Files, Form

STRATEGIES = {"multi": "MultiRecord", "single": "SingleRecord"}
MOST_MB = 100  # that SageMaker lets be on its way to an instance at once
_LINES_MB, _WHOLE_MB = 1, 6
_CPUS = 2  # of the default instance


@dataclass(frozen=True)
class Kept:
    """What is sent of a record and what is kept of it: JSONPath, and whether the two are joined."""

    join: bool = False
    input_filter: str | None = None
    output_filter: str | None = None

    @property
    def asked(self) -> bool:
        """Whether records are looked into at all."""
        return self.join or self.input_filter is not None or self.output_filter is not None


@dataclass(frozen=True)
class Pace:
    """How records are sent; what is None has a default that fits the form of the files."""

    strategy: str | None = None
    payload_mb: int | None = None
    concurrent: int | None = None
    workers: int | None = None


@dataclass(frozen=True)
class TransformPlan:
    """What a transform job is made from."""

    recipe: Recipe
    stamp: str
    model_name: str
    containers: int
    files: Files
    output_uri: str
    accept: str
    instance_type: str
    instance_count: int
    pace: Pace
    kept: Kept

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return release_name(self.recipe.name, self.stamp)


def accept_of(form: Form, kept: Kept, asked: str | None) -> str:
    """Return the content type of the answers; raise DeploymentError for one that does not fit.

    Answers that are put together by lines must be lines; records are joined to answers of their
    own format.
    """
    if form.lines and asked == JSON:
        raise DeploymentError(
            f"--accept {JSON} is one document for all records of a request; expected {JSON_LINES} "
            f"or {CSV}, which have a line for each"
        )
    if kept.asked and form.content_type not in (CSV, JSON, JSON_LINES):
        raise DeploymentError(
            f"--join and filters need files of CSV, JSON or JSON lines; the input is "
            f"{form.content_type}"
        )
    if asked:
        return asked
    if not form.lines:
        return JSON
    return CSV if kept.asked and form.content_type == CSV else JSON_LINES


def strategy_of(form: Form, pace: Pace) -> str:
    """Return how many records a request has; a request of text/plain is one text."""
    if form.content_type == TEXT:
        if pace.strategy == "multi":
            raise DeploymentError(
                "--strategy multi is not for .txt files: a request of text/plain is one text. "
                "Write JSON strings, one a line, into .jsonl files."
            )
        return "single"
    return pace.strategy or "multi"


def sizes_of(plan: TransformPlan) -> tuple[int, int]:
    """Return MB a request and requests at once; raise DeploymentError if they are too many.

    Each worker of each container of a row can have a request, so that none of them waits.
    """
    payload = plan.pace.payload_mb or (_LINES_MB if plan.files.form.lines else _WHOLE_MB)
    concurrent = plan.pace.concurrent or (plan.pace.workers or _CPUS) * plan.containers
    if payload * concurrent > MOST_MB:
        raise DeploymentError(
            f"{concurrent} requests of {payload} MB at once are more than the {MOST_MB} MB that "
            "SageMaker takes; lower --concurrent or --max-payload"
        )
    return payload, concurrent


def transform_call(plan: TransformPlan) -> Call:
    """Return the call that starts the job."""
    form = plan.files.form
    payload, concurrent = sizes_of(plan)
    source = {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": plan.files.uri}},
        "ContentType": form.content_type,
        "SplitType": "Line" if form.lines else "None",
        "CompressionType": "Gzip" if form.gzip else "None",
    }
    parameters: dict[str, Any] = {
        "TransformJobName": plan.job_name,
        "ModelName": plan.model_name,
        "MaxConcurrentTransforms": concurrent,
        "MaxPayloadInMB": payload,
        "TransformInput": source,
        "TransformOutput": {
            "S3OutputPath": plan.output_uri,
            "Accept": plan.accept,
            "AssembleWith": "Line" if form.lines else "None",
        },
        "TransformResources": {
            "InstanceType": plan.instance_type,
            "InstanceCount": plan.instance_count,
        },
        "Tags": recipe_tags(plan.recipe.name),
    }
    if form.lines:
        parameters["BatchStrategy"] = STRATEGIES[strategy_of(form, plan.pace)]
    if plan.pace.workers:
        parameters["Environment"] = {"SAGEMAKER_MODEL_SERVER_WORKERS": str(plan.pace.workers)}
    if plan.kept.asked:
        parameters["DataProcessing"] = _processing(plan.kept)
    return Call("sagemaker", "create_transform_job", parameters)


def _processing(kept: Kept) -> dict[str, str]:
    asked = {
        "InputFilter": kept.input_filter,
        "OutputFilter": kept.output_filter,
        "JoinSource": "Input" if kept.join else None,
    }
    return {name: value for name, value in asked.items() if value is not None}

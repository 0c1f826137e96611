"""The options of a transform job, with SageMaker's defaults."""

import json
from dataclasses import dataclass, replace

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.objects import DEFAULT_KEY
from local_aws.sagemaker.transforming.json_paths import JsonPath

MEGABYTE = 1024 * 1024
CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
_JSONS = (JSON, JSON_LINES)
_PAYLOAD_MB, _CONCURRENT, _STRATEGY = 6, 1, "MultiRecord"
_MAX_MB = 100  # for one payload, and for all concurrent ones together
_SECONDS, _RETRIES = 600, 3
_SPELLINGS = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}


@dataclass(frozen=True)
class Processing:
    """DataProcessing: the part of a record to send, and the part of the result to keep."""

    input_filter: JsonPath
    output_filter: JsonPath
    join: bool

    @property
    def parses_records(self) -> bool:
        """Whether records or responses are parsed instead of being passed on unchanged."""
        return self.parses_responses or not self.input_filter.is_root

    @property
    def parses_responses(self) -> bool:
        """Whether responses are parsed instead of being kept unchanged."""
        return self.join or not self.output_filter.is_root


@dataclass(frozen=True)
class Plan:
    """How the files of a job are split, sent, and assembled."""

    content_type: str
    accept: str
    lines: bool  # SplitType Line, or else None
    gzip: bool
    assemble_lines: bool
    processing: Processing
    payload_mb: int = _PAYLOAD_MB
    concurrent: int = _CONCURRENT
    strategy: str = _STRATEGY
    seconds: int = _SECONDS
    retries: int = _RETRIES
    kms_key: str = ""  # of the output

    @property
    def payload_bytes(self) -> int:
        """The maximum number of bytes of a request."""
        return self.payload_mb * MEGABYTE

    def summary(self) -> str:
        """Return the first line of a data log."""
        return (
            f"MaxConcurrentTransforms={self.concurrent}, MaxPayloadInMB={self.payload_mb}, "
            f"BatchStrategy={_SPELLINGS[self.strategy]}"
        )


def read_plan(record: Record) -> Plan:
    """Return the plan for a request; raise ValidationError if it is not possible."""
    source, target = record["TransformInput"], record["TransformOutput"]
    client = record.get("ModelClientConfig", {})
    if record.get("MaxPayloadInMB") == 0:
        raise not_reproduced("MaxPayloadInMB 0 of CreateTransformJob (payloads sent in chunks)")
    plan = Plan(
        content_type=source.get("ContentType", ""),
        accept=target.get("Accept", ""),
        lines=source.get("SplitType") == "Line",
        gzip=source.get("CompressionType") == "Gzip",
        assemble_lines=target.get("AssembleWith") == "Line",
        processing=_processing(record.get("DataProcessing", {})),
        payload_mb=record.get("MaxPayloadInMB", _PAYLOAD_MB),
        concurrent=record.get("MaxConcurrentTransforms") or _CONCURRENT,
        strategy=record.get("BatchStrategy", _STRATEGY),
        seconds=client.get("InvocationsTimeoutInSeconds", _SECONDS),
        retries=client.get("InvocationsMaxRetries", _RETRIES),
        kms_key=target.get("KmsKeyId") or DEFAULT_KEY,
    )
    _check_sizes(plan)
    _check_types(plan)
    _check_splitting(plan)
    return plan


def variables(record: Record) -> dict[str, str]:
    """Return the variables of the containers, which contain only what the request sets."""
    options = {
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": record.get("MaxPayloadInMB"),
        "SAGEMAKER_BATCH_STRATEGY": _SPELLINGS.get(record.get("BatchStrategy", "")),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": record.get("MaxConcurrentTransforms"),
    }
    present = {name: str(value) for name, value in options.items() if value}
    return {"SAGEMAKER_BATCH": "true", **present}


def _processing(options: Record) -> Processing:
    return Processing(
        JsonPath(options.get("InputFilter") or "$"),
        JsonPath(options.get("OutputFilter") or "$"),
        options.get("JoinSource") == "Input",
    )


def _check_sizes(plan: Plan) -> None:
    if plan.payload_mb > _MAX_MB:
        raise ValidationError(
            f"MaxPayloadInMB is {plan.payload_mb}; it cannot be greater than {_MAX_MB} MB."
        )
    if plan.payload_mb * plan.concurrent > _MAX_MB:
        raise ValidationError(
            f"MaxConcurrentTransforms * MaxPayloadInMB is {plan.concurrent} * {plan.payload_mb}; "
            f"the value cannot exceed {_MAX_MB} MB."
        )


def _check_types(plan: Plan) -> None:
    """Raise ValidationError if records must be parsed and their types do not allow it."""
    if not plan.processing.parses_records:
        return
    pair = (plan.content_type, plan.accept)
    if pair != (CSV, CSV) and not all(name in _JSONS for name in pair):
        raise ValidationError(
            f"DataProcessing needs a ContentType and an Accept of the same format: {CSV}, or "
            f"{JSON} or {JSON_LINES}; the job has {pair[0]!r} and {pair[1]!r}."
        )


def _check_splitting(plan: Plan) -> None:
    """Raise ValidationError if records must be parsed and are split or assembled otherwise."""
    matches = plan.lines == plan.assemble_lines and (plan.lines or plan.content_type != CSV)
    if plan.processing.parses_records and not matches:
        raise ValidationError(
            "DataProcessing needs a SplitType and an AssembleWith of the same value, which must be "
            f"Line for {CSV}."
        )


def with_execution_parameters(plan: Plan, record: Record, container: Container) -> Plan:
    """Use a container's /execution-parameters for the options that the job does not set."""
    reply = container.get("/execution-parameters")
    if reply is None or reply.status != 200:
        return plan
    try:
        parameters = json.loads(reply.body)
    except ValueError:
        return plan
    if not isinstance(parameters, dict):
        return plan

    def count(name: str, default: int) -> int:
        value = record.get(name) or parameters.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        return default

    names = {spelling: name for name, spelling in _SPELLINGS.items()}
    strategy = names.get(str(parameters.get("BatchStrategy")), plan.strategy)
    plan = replace(
        plan,
        concurrent=count("MaxConcurrentTransforms", plan.concurrent),
        payload_mb=count("MaxPayloadInMB", plan.payload_mb),
        strategy=record.get("BatchStrategy", strategy),
    )
    _check_sizes(plan)
    return plan

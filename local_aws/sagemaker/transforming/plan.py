"""What a transform job asks for, with the defaults of SageMaker where it asks for nothing."""

import json
from dataclasses import dataclass, replace
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.transforming.json_paths import JsonPath

MEGABYTE = 1024 * 1024
CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
_JSONS = (JSON, JSON_LINES)
_PAYLOAD_MB, _CONCURRENT, _STRATEGY = 6, 1, "MultiRecord"
_MOST_MB = 100  # of one payload, and of all that are on their way at once
_SECONDS, _RETRIES = 600, 3
_SPELLINGS = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}


@dataclass(frozen=True)
class Processing:
    """DataProcessing: what of a record is sent, and what of record and answer is kept."""

    input_filter: JsonPath
    output_filter: JsonPath
    join: bool

    @property
    def reads_answers(self) -> bool:
        """Whether answers are looked into, and not only kept as they are."""
        return self.join or not self.output_filter.is_root


@dataclass(frozen=True)
class Plan:
    """How the files of a job are cut, sent and put together."""

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

    @property
    def payload_bytes(self) -> int:
        """How many bytes one request has at most."""
        return self.payload_mb * MEGABYTE

    def variables(self) -> dict[str, str]:
        """Return what the containers are told of the job."""
        return {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(self.payload_mb),
            "SAGEMAKER_BATCH_STRATEGY": _SPELLINGS[self.strategy],
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(self.concurrent),
        }

    def summary(self) -> str:
        """Return the first line of a data log."""
        return (
            f"MaxConcurrentTransforms={self.concurrent}, MaxPayloadInMB={self.payload_mb}, "
            f"BatchStrategy={_SPELLINGS[self.strategy]}"
        )


def read_plan(record: Record) -> Plan:
    """Return the plan of a request; raise ValidationError for one that cannot be carried out."""
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
    )
    _check_sizes(plan)
    _check_types(plan)
    return plan


def _processing(asked: dict[str, Any]) -> Processing:
    return Processing(
        JsonPath(asked.get("InputFilter") or "$"),
        JsonPath(asked.get("OutputFilter") or "$"),
        asked.get("JoinSource") == "Input",
    )


def _check_sizes(plan: Plan) -> None:
    if plan.payload_mb > _MOST_MB:
        raise ValidationError(
            f"MaxPayloadInMB is {plan.payload_mb}; it cannot be greater than {_MOST_MB} MB."
        )
    if plan.payload_mb * plan.concurrent > _MOST_MB:
        raise ValidationError(
            f"MaxConcurrentTransforms * MaxPayloadInMB is {plan.concurrent} * {plan.payload_mb}; "
            f"the value cannot exceed {_MOST_MB} MB."
        )


def _check_types(plan: Plan) -> None:
    """Raise ValidationError where records are to be read and their types cannot be."""
    if plan.processing.input_filter.is_root and not plan.processing.reads_answers:
        return
    pair = (plan.content_type, plan.accept)
    if pair != (CSV, CSV) and not all(name in _JSONS for name in pair):
        raise ValidationError(
            f"DataProcessing needs a ContentType and an Accept of one format: {CSV}, or {JSON} or "
            f"{JSON_LINES}; the job has {pair[0]!r} and {pair[1]!r}."
        )


def with_parameters_of(plan: Plan, record: Record, container: Container) -> Plan:
    """Put what a container's /execution-parameters say where the job says nothing."""
    reply = container.get("/execution-parameters")
    if reply is None or reply.status != 200:
        return plan
    try:
        told = json.loads(reply.body)
    except ValueError:
        return plan
    if not isinstance(told, dict):
        return plan
    names = {spelling: name for name, spelling in _SPELLINGS.items()}
    strategy = names.get(str(told.get("BatchStrategy")), plan.strategy)
    proposed = replace(
        plan,
        concurrent=record.get("MaxConcurrentTransforms")
        or _count(told.get("MaxConcurrentTransforms"), plan.concurrent),
        payload_mb=record.get("MaxPayloadInMB")
        or _count(told.get("MaxPayloadInMB"), plan.payload_mb),
        strategy=record.get("BatchStrategy", strategy),
    )
    _check_sizes(proposed)
    return proposed


def _count(told: Any, default: int) -> int:
    """Return a number of 1 or more that a container told, or the default."""
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else default

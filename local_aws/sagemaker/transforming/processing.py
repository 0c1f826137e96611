"""DataProcessing: filter what is sent of a record, join records to answers, filter what is kept."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from local_aws.sagemaker.transforming.json_paths import NoMatch
from local_aws.sagemaker.transforming.plan import CSV, JSON, Plan
from local_aws.sagemaker.transforming.splitting import BadRecord, Batch

_INPUT, _OUTPUT = "SageMakerInput", "SageMakerOutput"
_LONGEST_FIELD = 2**30  # csv's own limit of 131,072 characters is shorter than some texts


def preparation(plan: Plan) -> Callable[[bytes], bytes]:
    """Return what makes the part of a record that is sent: the record itself without a filter."""
    path = plan.processing.input_filter
    if path.is_root:
        return lambda record: record
    read, write = _format(plan.content_type)

    def sent(record: bytes) -> bytes:
        try:
            kept = path.select(read(record, "the input"))
        except NoMatch as error:
            raise BadRecord(f"Fail to filter the input with {path.text}: {error}") from error
        return write(kept) + (b"\n" if record.endswith(b"\n") else b"")

    def prepare(part: bytes) -> bytes:
        return b"".join(sent(record) for record in _records(part, plan))

    return prepare


def _records(part: bytes, plan: Plan) -> list[bytes]:
    """Return the records of what one split gave: its lines, or a JSON document as it is."""
    if plan.lines or plan.content_type == JSON:
        return [part]
    return [line + b"\n" for line in part.removesuffix(b"\n").split(b"\n")]


def joined(batch: Batch, answer: bytes, plan: Plan) -> bytes:
    """Return what is kept of a batch: the answer, or records and answers joined and filtered."""
    if not plan.processing.reads_answers:
        return answer
    records = [record for part in batch.records for record in _records(part, plan)]
    pairs = zip(records, _answers(answer, len(records)), strict=True)
    return b"".join(_kept(record, one, plan) for record, one in pairs)


def _answers(answer: bytes, records: int) -> list[bytes]:
    """Return the answer to each record: lines, or the whole where one record was sent."""
    if records == 1:
        return [answer]
    lines = answer.removesuffix(b"\n").split(b"\n")
    if len(lines) != records:
        raise BadRecord("Fail to join data: mismatched line count between the input and the output")
    return lines


def _kept(record: bytes, answer: bytes, plan: Plan) -> bytes:
    read, write = _format(plan.accept)
    value = read(answer, "the output")
    if plan.processing.join:
        given = _format(plan.content_type)[0](record, "the input")
        value = _join(given, value, plan)
    path = plan.processing.output_filter
    try:
        kept = path.select(value)
    except NoMatch as error:
        raise BadRecord(f"Fail to filter the output with {path.text}: {error}") from error
    whole = not plan.lines and plan.content_type == JSON
    return write(kept) + (b"" if whole else b"\n")


def _join(given: Any, answer: Any, plan: Plan) -> Any:
    if plan.content_type == CSV:
        return [*given, *answer]
    if isinstance(given, dict):
        return {**given, _OUTPUT: answer}
    return {_INPUT: given, _OUTPUT: answer}


def _format(content_type: str) -> tuple[Callable[[bytes, str], Any], Callable[[Any], bytes]]:
    return (_read_row, _write_row) if content_type == CSV else (_read_json, _write_json)


def _read_json(content: bytes, what: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"Failed to parse {what} as JSON") from error


def _write_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _read_row(content: bytes, what: str) -> list[str]:
    """Return the fields of one row of CSV."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        text = content.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text.removesuffix("\n"), newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        raise BadRecord(f"Failed to parse {what} as CSV") from error
    if len(rows) != 1:
        raise BadRecord(f"Failed to parse {what} as CSV")
    return rows[0]


def _write_row(value: Any) -> bytes:
    """Return a row of CSV of an array, or of one field."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(value if isinstance(value, list) else [value])
    return text.getvalue().encode("utf-8")

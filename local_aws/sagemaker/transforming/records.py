"""Split a file into records, combine them into requests, and join and filter the responses."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from local_aws.sagemaker.transforming.json_paths import NoMatch
from local_aws.sagemaker.transforming.plan import CSV, JSON, MEGABYTE, Plan


class BadRecord(Exception):
    """A record cannot be sent or joined; the message goes into the data log."""


@dataclass(frozen=True)
class Batch:
    """The records of a request as they are in the file, and the body to send."""

    records: tuple[bytes, ...]
    body: bytes


def batches(file: BinaryIO, plan: Plan, prepare: Callable[[bytes], bytes]) -> Iterator[Batch]:
    """Yield the batches of a file in order; `prepare` returns the part of a record to send.

    A record keeps its newline. Memory holds one batch and one record. Raises BadRecord for a record
    that exceeds the size of a request.
    """
    single = not plan.lines or plan.strategy == "SingleRecord"
    records: list[bytes] = []
    parts: list[bytes] = []
    size = 0
    for record in _records(file, plan):
        part = prepare(record)
        _check_size(part, plan.payload_bytes)
        if records and (single or size + len(part) > plan.payload_bytes):
            yield Batch(tuple(records), b"".join(parts))
            records, parts, size = [], [], 0
        records.append(record)
        parts.append(part)
        size += len(part)
    if records:
        yield Batch(tuple(records), b"".join(parts))


def _records(file: BinaryIO, plan: Plan) -> Iterator[bytes]:
    """Yield the lines of a file, or all of it unless it is empty.

    A record to be filtered may exceed the size of a request, up to SageMaker's maximum of 100 MB.
    """
    limit = plan.payload_bytes if plan.processing.input_filter.is_root else 100 * MEGABYTE
    read = file.readline if plan.lines else file.read
    while record := read(limit + 1):
        _check_size(record, limit)
        yield record


def _check_size(part: bytes, limit: int) -> None:
    if len(part) > limit:
        raise BadRecord("Too much data for max payload size")


_INPUT, _OUTPUT = "SageMakerInput", "SageMakerOutput"
_LINE_END = "\r\n"
_LONGEST_FIELD = 2**30  # the default of 131,072 characters is too small for some texts


def preparation(plan: Plan) -> Callable[[bytes], bytes]:
    """Return a function that returns the part of a record to send, all of it without a filter."""
    path = plan.processing.input_filter
    if path.is_root:
        return lambda record: record
    read, write = _format(plan.content_type)

    def apply_filter(record: bytes) -> bytes:
        try:
            selection = path.select(read(record, "the input"))
        except NoMatch as error:
            raise BadRecord(f"Fail to filter the input with {path.text}: {error}") from error
        return write(selection) + (b"\n" if record.endswith(b"\n") else b"")

    return lambda part: b"".join(apply_filter(record) for record in _lines(part, plan))


def _lines(part: bytes, plan: Plan) -> list[bytes]:
    """Return the records of a part of a split file: its lines, or a whole JSON document."""
    if plan.lines or plan.content_type == JSON:
        return [part]
    return [line + b"\n" for line in part.removesuffix(b"\n").split(b"\n")]


def batch_output(batch: Batch, response: bytes, plan: Plan) -> bytes:
    """Return the output for a batch: the response, or its records joined and filtered."""
    if not plan.processing.parses_responses:
        return response
    records = [record for part in batch.records for record in _lines(part, plan)]
    pairs = zip(records, _responses(response, len(records)), strict=True)
    return b"".join(_record_output(record, one, plan) for record, one in pairs)


def _responses(response: bytes, records: int) -> list[bytes]:
    """Return the response for each record: its lines, or all of it for a single record."""
    if records == 1:
        return [response]
    lines = response.removesuffix(b"\n").split(b"\n")
    if len(lines) != records:
        raise BadRecord("Fail to join data: mismatched line count between the input and the output")
    return lines


def _record_output(record: bytes, response: bytes, plan: Plan) -> bytes:
    read, write = _format(plan.accept)
    value = read(response, "the output")
    if plan.processing.join:
        read_input, _ = _format(plan.content_type)
        value = _join(read_input(record, "the input"), value, plan)
    path = plan.processing.output_filter
    try:
        selection = path.select(value)
    except NoMatch as error:
        raise BadRecord(f"Fail to filter the output with {path.text}: {error}") from error
    whole = not plan.lines and plan.content_type == JSON
    return write(selection) + (b"" if whole else b"\n")


def _join(record: Any, response: Any, plan: Plan) -> Any:
    if plan.content_type == CSV:
        return [*record, *response]
    if isinstance(record, dict):
        return {**record, _OUTPUT: response}
    return {_INPUT: record, _OUTPUT: response}


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
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        text = content.decode("utf-8")
        (row,) = csv.reader(io.StringIO(text.removesuffix("\n"), newline=""), strict=True)
    except (ValueError, csv.Error) as error:  # a ValueError also for any other number of rows
        raise BadRecord(f"Failed to parse {what} as CSV") from error
    return row


def _write_row(value: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=_LINE_END)  # it quotes a field with one of these
    writer.writerow(value if isinstance(value, list) else [value])
    return text.getvalue().removesuffix(_LINE_END).encode("utf-8")

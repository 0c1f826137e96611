"""Split a file into records, and combine as many as fit into a request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from local_aws.sagemaker.transforming.plan import MEGABYTE, Plan


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

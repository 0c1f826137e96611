"""Cut a file into records, and put as many records into a batch as a request takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from local_aws.sagemaker.transforming.plan import Plan


class BadRecord(Exception):
    """A record cannot be sent; the text goes into the data log."""


@dataclass(frozen=True)
class Batch:
    """The records of one request: as the file has them, and the body that is sent of them."""

    records: tuple[bytes, ...]
    body: bytes


def batches(file: BinaryIO, plan: Plan, prepare: Callable[[bytes], bytes]) -> Iterator[Batch]:
    """Yield the batches of a file in order; `prepare` gives what is sent of a record.

    A record keeps its newline, so that records put together are the file again. Memory holds one
    batch and one record. Raises BadRecord for a record that is larger than a request may be.
    """
    single = not plan.lines or plan.strategy == "SingleRecord"
    records: list[bytes] = []
    parts: list[bytes] = []
    size = 0
    for record in _records(file, plan):
        part = prepare(record)
        _check_size(part, plan)
        if records and (single or size + len(part) > plan.payload_bytes):
            yield Batch(tuple(records), b"".join(parts))
            records, parts, size = [], [], 0
        records.append(record)
        parts.append(part)
        size += len(part)
    if records:
        yield Batch(tuple(records), b"".join(parts))


def _records(file: BinaryIO, plan: Plan) -> Iterator[bytes]:
    """Yield the lines of a file, or the whole of it; nothing of an empty one.

    What is filtered may be larger than what is sent of it, by as much as SageMaker ever takes.
    """
    most = plan.payload_bytes if plan.processing.input_filter.is_root else 100 * 2**20
    read = file.readline if plan.lines else file.read
    while record := read(most + 1):
        if len(record) > most:
            raise _too_large()
        yield record


def _check_size(part: bytes, plan: Plan) -> None:
    if len(part) > plan.payload_bytes:
        raise _too_large()


def _too_large() -> BadRecord:
    return BadRecord("Too much data for max payload size")

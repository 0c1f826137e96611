"""What a transform job left: records counted on both sides, and what is wrong with which file.

SageMaker says which file has a fault and what the container answered, not in which line. So the
file is read once more, line by line, as the container reads it.
"""

import gzip
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from inference_pipeline.content_types import REQUEST_TYPES
from inference_pipeline.texts import read_texts
from newsgroup_classifier.errors import DeploymentError, RequestError
from scripts.aws import Aws
from scripts.transform_files import split_address
from scripts.transform_plans import TransformPlan

_GROUP = "/aws/sagemaker/TransformJobs"
_LINE = re.compile(r"[0-9T:.\-]+:\[sagemaker logs\]: (?P<rest>.*)", re.DOTALL)
_MOST_NAMED = 5  # files in one message
_CHUNK = 2**20  # bytes


def count_records(aws: Aws, plan: TransformPlan) -> int:
    """Return how many records went in; raise DeploymentError unless as many came out of each file.

    A file that is not split is one record.
    """
    if not plan.files.form.lines:
        return len(plan.files.keys)
    bucket, root = split_address(plan.output_uri, "--output")
    total = 0
    for key, output in plan.files.output_keys(root).items():
        given = _count_lines(aws, plan.files.bucket, key, plan.files.form.gzip)
        answered = _count_lines(aws, bucket, output, zipped=False)
        if given != answered:
            raise DeploymentError(
                f"{plan.files.place(key)} has {given:,} records and its output has "
                f"{answered:,}; is there a record that goes on over several lines?"
            )
        total += given
    return total


def _count_lines(aws: Aws, bucket: str, key: str, zipped: bool) -> int:
    """Return how many lines an object has, the last one with or without an end."""
    count, last = 0, b"\n"
    with _open(aws, bucket, key, zipped) as file:
        while chunk := file.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _open(aws: Aws, bucket: str, key: str, zipped: bool) -> Any:
    """Open an object for reading; it is not read whole."""
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return gzip.GzipFile(fileobj=body) if zipped else io.BufferedReader(body, _CHUNK)


def failure(aws: Aws, plan: TransformPlan, job: dict[str, Any], missing: list[str]) -> str:
    """Return what is said of a job that failed: each file without output, and why."""
    reasons = logged_reasons(aws, plan.job_name)
    told = [_fault(aws, plan, key, reasons) for key in missing[:_MOST_NAMED]]
    if len(missing) > _MOST_NAMED:
        told.append(f"... and {len(missing) - _MOST_NAMED} more")
    whole = job.get("FailureReason", "no reason was given")
    files = f"{len(missing)} of {len(plan.files.keys)} files have no output"
    return f"transform job {plan.job_name} failed: {whole}; {files}: {'; '.join(told)}"


def _fault(aws: Aws, plan: TransformPlan, key: str, reasons: dict[str, str]) -> str:
    place = plan.files.place(key)
    found = bad_line(aws, plan, key)
    if found:
        return f"{place} line {found[0]}: {found[1]}"
    return f"{place}: {reasons.get(f'{plan.files.bucket}/{key}', 'the log has no reason')}"


def bad_line(aws: Aws, plan: TransformPlan, key: str) -> tuple[int, str] | None:
    """Return the first line that the container cannot read and why, or None if it reads them all.

    A line that is filtered before it is sent, or of which the reader is not ours, is not judged.
    """
    form = plan.files.form
    ours = form.content_type in REQUEST_TYPES and plan.recipe.inputs == "texts"
    if not form.lines or not ours or plan.kept.input_filter:
        return None
    with _open(aws, plan.files.bucket, key, form.gzip) as file:
        for number, line in enumerate(_lines(file), start=1):
            try:
                read_texts(line, form.content_type)
            except RequestError as error:
                return number, re.sub(r"\bitem 0\b|\bthe body\b", "the record", str(error))
    return None


def _lines(file: Any) -> Iterator[bytes]:
    while line := file.readline():
        yield line


def logged_reasons(aws: Aws, job: str) -> dict[str, str]:
    """Return what the data logs of a job say of each file, by BUCKET/KEY."""
    client = aws.client("logs")
    try:
        streams = list(
            aws.pages(
                "logs",
                "describe_log_streams",
                "logStreams",
                logGroupName=_GROUP,
                logStreamNamePrefix=f"{job}/",
            )
        )
    except client.exceptions.ResourceNotFoundException:  # nothing was logged
        return {}
    names = [stream["logStreamName"] for stream in streams]
    told: dict[str, list[str]] = {}
    for name in (name for name in names if name.endswith("/data-log")):
        for message in _messages(client, name):
            found = _LINE.fullmatch(message)
            place, colon, text = (found["rest"] if found else "").partition(": ")
            if colon:
                told.setdefault(place, []).append(text)
    return {place: _reason(texts) for place, texts in told.items()}


def _messages(client: Any, stream: str) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        page = client.get_log_events(
            logGroupName=_GROUP, logStreamName=stream, startFromHead=True, **token
        )
        yield from (event["message"] for event in page["events"])
        # Pages can be empty in the middle; only a token that stays is the end.
        if token.get("nextToken") == page["nextForwardToken"]:
            return
        token = {"nextToken": page["nextForwardToken"]}


def _reason(texts: list[str]) -> str:
    """Return one line of what was logged of a file: the reason, and the container's message."""
    first, *rest = re.split(r"\n+Message:\n", "\n".join(texts), maxsplit=1)
    message = "".join(rest)
    try:
        message = json.loads(message)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = " ".join(message.split())
    return f"{first}: {message}" if message else first

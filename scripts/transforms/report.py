"""What a transform job left: records counted on both sides, and what is wrong with which file.

SageMaker says which file has a fault and what the container answered, not in which line. So the
file is read once more, line by line, as the container reads it.
"""

import gzip
import io
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from inference_pipeline.content_types import REQUEST_TYPES
from inference_pipeline.texts import read_texts
from newsgroup_classifier.errors import DeploymentError, RequestError
from scripts.account.aws import Aws
from scripts.transforms.files import DAMAGED, split_address
from scripts.transforms.plans import TransformPlan, sizes_of

_GROUP = "/aws/sagemaker/TransformJobs"
_LINE = re.compile(r"[0-9T:.\-]+:\[sagemaker logs\]: (?P<rest>.*)", re.DOTALL)
_MOST_NAMED = 5  # files in one message
_CHUNK = MEGABYTE = 2**20  # bytes


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
    """Return what is said of a job that did not complete: each file without output, and why."""
    files = f"{len(missing)} of {len(plan.files.keys)} files have no output"
    if job["TransformJobStatus"] == "Stopped":
        return f"transform job {plan.job_name} was stopped; {files}"
    if len(missing) < len(plan.files.keys):
        files += f" (those of the others are under {plan.output_uri})"
    whole = job.get("FailureReason", "no reason was given")
    said = f"transform job {plan.job_name} failed: {whole}; {files}"
    reasons = logged_reasons(aws, plan.job_name, {f"{plan.files.bucket}/{key}" for key in missing})
    if not reasons and not whole.startswith("ClientError"):  # no file is to blame
        return said
    told = [_fault(aws, plan, key, reasons) for key in missing[:_MOST_NAMED]]
    if len(missing) > _MOST_NAMED:
        told.append(f"... and {len(missing) - _MOST_NAMED} more")
    return f"{said}: {'; '.join(told)}"


def _fault(aws: Aws, plan: TransformPlan, key: str, reasons: dict[str, str]) -> str:
    place = plan.files.place(key)
    found = bad_line(aws, plan, key)
    if found:
        return f"{place} line {found[0]}: {found[1]}"
    return f"{place}: {reasons.get(f'{plan.files.bucket}/{key}', 'the log has no reason')}"


def bad_line(aws: Aws, plan: TransformPlan, key: str) -> tuple[int, str] | None:
    """Return the first line that the container cannot read and why, or None if it reads them all.

    A line that is filtered before it is sent, or of which the reader is not ours, is not judged,
    nor is one behind the place where a compressed file is damaged.
    """
    form = plan.files.form
    ours = form.content_type in REQUEST_TYPES and plan.recipe.inputs == "texts"
    if not form.lines or not ours or plan.kept.input_filter:
        return None
    with _open(aws, plan.files.bucket, key, form.gzip) as file:
        try:
            return first_bad_line(file, form.content_type, sizes_of(plan)[0])
        except DAMAGED:  # which the log says of it
            return None


def first_bad_line(file: Any, content_type: str, payload_mb: int) -> tuple[int, str] | None:
    """Return the first line that is no record, or larger than a request, and why; else None."""
    most, number = payload_mb * MEGABYTE, 0
    while line := file.readline(most + 1):
        number += 1
        if len(line) > most:
            return number, f"the record has more than the {payload_mb} MB of --max-payload"
        try:
            read_texts(line, content_type)
        except RequestError as error:
            return number, re.sub(r"\bitem 0\b|\bthe body\b", "the record", str(error))
    return None


def logged_reasons(aws: Aws, job: str, places: Collection[str]) -> dict[str, str]:
    """Return what the data logs of a job say of some files, by BUCKET/KEY."""
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
            place, text = _placed(found["rest"] if found else "", places)
            if place:
                told.setdefault(place, []).append(text)
    return {place: _reason(texts) for place, texts in told.items()}


def _placed(text: str, places: Collection[str]) -> tuple[str, str]:
    """Return the file that a line begins with, and the rest; a key may have colons, too."""
    for colon in re.finditer(": ", text):
        if text[: colon.start()] in places:
            return text[: colon.start()], text[colon.end() :]
    return "", text


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

"""Run a transform job, and report its result: record counts, faulty files, and notes.

SageMaker reports which file is faulty and the response of the container, but not the line. So the
file is read again line by line, as the container reads it.
"""

import gzip
import io
import re
from collections.abc import Collection
from functools import partial
from typing import Any

from inference_pipeline.content_types import CSV, JSON_LINES, REQUEST_TYPES, TEXT
from inference_pipeline.texts import read_texts
from newsgroup_classifier.errors import DeploymentError, RequestError, counted
from newsgroup_classifier.text.request_bodies import BYTE_ORDER_MARK, error_message
from scripts.account.aws import Aws, Call
from scripts.account.command import progress_bar, say
from scripts.account.creations import ENDS, Creations, patiently, stop_job
from scripts.account.log_groups import log_pages
from scripts.account.messages import message_of
from scripts.transforms.files import DAMAGED, list_objects, split_address
from scripts.transforms.plans import TransformPlan, sizes_of, transform_call

_GROUP = "/aws/sagemaker/TransformJobs"
_LINE = re.compile(r"[0-9T:.\-]+:\[sagemaker logs\]: (?P<rest>.*)", re.DOTALL)
_MAX_FILES = 5  # in one message
_CHUNK = MEGABYTE = 2**20  # bytes
_MARK = BYTE_ORDER_MARK.encode()


def run_job(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    """Start the job and wait until it ends; stop it, as its model is deleted, if that fails."""
    creations = Creations(aws)
    try:
        creations.make(transform_call(plan))
        return _wait(aws, plan)
    except BaseException:
        for call in creations.reversals():
            _stop(aws, plan.model.name, call)
        raise


def _stop(aws: Aws, job: str, call: Call) -> None:
    if not stop_job(aws, f"Transform job {job}", call):
        return
    client = aws.client("sagemaker")
    while client.describe_transform_job(TransformJobName=job)["TransformJobStatus"] not in ENDS:
        aws.pause()
    say(f"Transform job {job} is stopped.")


def _wait(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    describe = Call("sagemaker", "describe_transform_job", {"TransformJobName": plan.model.name})
    say(f"Transform job {plan.model.name}: {counted(len(plan.files.keys), 'file')}")
    with progress_bar(total=len(plan.files.keys), desc="transform", unit="file") as bar:
        while True:
            job: dict[str, Any] = patiently(aws, partial(aws.make, describe))
            bar.n = len(patiently(aws, partial(completed_keys, aws, plan)))
            bar.refresh()
            if job["TransformJobStatus"] in ENDS:
                break
            aws.pause()
    say(f"Transform job {plan.model.name}: {job['TransformJobStatus']}")
    return job


def completed_keys(aws: Aws, plan: TransformPlan) -> Collection[str]:
    """Return the input keys that have an output."""
    bucket, root = split_address(plan.output_uri, "--output")
    outputs = {item["Key"] for item in list_objects(aws, bucket, root)}
    return {key for key, output in plan.files.output_keys(root).items() if output in outputs}


def count_records(aws: Aws, plan: TransformPlan) -> int:
    """Return the number of input records; raise DeploymentError unless each has an output."""
    if not plan.files.form.lines:  # each file is one record
        return len(plan.files.keys)
    bucket, root = split_address(plan.output_uri, "--output")
    total = 0
    for key, output in plan.files.output_keys(root).items():
        inputs = _count_lines(aws, plan.files.bucket, key, plan.files.form.gzip)
        outputs = _count_lines(aws, bucket, output, zipped=False)
        if inputs != outputs:
            raise DeploymentError(
                f"{plan.files.describe(key)} has {counted(inputs, 'record')} but its output has "
                f"{outputs:,}; does a record span several lines?"
            )
        total += inputs
    return total


def _count_lines(aws: Aws, bucket: str, key: str, zipped: bool) -> int:
    """Return the number of lines of an object; the last one may lack a line break."""
    count, last = 0, b"\n"
    with _open(aws, bucket, key, zipped) as file:
        while chunk := file.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _open(aws: Aws, bucket: str, key: str, zipped: bool) -> Any:
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return gzip.GzipFile(fileobj=body) if zipped else io.BufferedReader(body, _CHUNK)


def short_note(aws: Aws, plan: TransformPlan, records: int) -> str:
    """Return a note about records that have fewer lines than the recipe needs, or ""."""
    recipe, form = plan.model.recipe, plan.files.form
    minimum = recipe.least_lines
    if minimum <= 1 or not form.lines or plan.processing.input_filter:
        return ""
    short = records if form.content_type in (CSV, TEXT) else 0
    if form.content_type == JSON_LINES:
        for key in plan.files.keys:
            with _open(aws, plan.files.bucket, key, form.gzip) as file:
                short += count_short(file, minimum)
    if not short:
        return ""
    return (
        f"Note: {recipe.name} drops the header of a post, its first {minimum - 1} lines. "
        f"That leaves nothing of {short:,} of {records:,} records, so they get the model's prior."
    )


def count_short(lines: Any, minimum: int) -> int:
    """Return the number of texts in JSON lines with fewer lines than `minimum`."""
    texts = (text for line in lines if line.strip() for text in read_texts(line, JSON_LINES))
    return sum(text.count("\n") + 1 < minimum for text in texts)


def failure(aws: Aws, plan: TransformPlan, job: dict[str, Any], missing: list[str]) -> str:
    """Return the message for an incomplete job: each file without output, and the reason."""
    files = f"{len(missing)} of {counted(len(plan.files.keys), 'file')} without output"
    if job["TransformJobStatus"] == "Stopped":
        return f"transform job {plan.model.name} was stopped, {files}"
    if len(missing) < len(plan.files.keys):
        files += f" (the other outputs are under {plan.output_uri})"
    reason = job.get("FailureReason", "AWS gave no reason")
    message = f"transform job {plan.model.name} failed, {files}"
    reasons = {}
    try:
        names = {f"{plan.files.bucket}/{key}" for key in missing}
        reasons = logged_reasons(aws, plan.model.name, names)
    except aws.client("logs").exceptions.ClientError as error:  # the job has a reason, too
        say(f"The job's log cannot be read: {message_of(error)}")
    if not reasons and not reason.startswith("ClientError"):  # the files are not the cause
        return f"{message}: {reason}"
    faults = [_fault(aws, plan, key, reasons) for key in missing[:_MAX_FILES]]
    if len(missing) > _MAX_FILES:
        faults.append(f"... and {len(missing) - _MAX_FILES} more")
    return f"{'; '.join(faults)} ({message})"


def _fault(aws: Aws, plan: TransformPlan, key: str, reasons: dict[str, str]) -> str:
    file = plan.files.describe(key)
    fault = bad_line(aws, plan, key)
    if fault:
        return f"{file} line {fault[0]}: {fault[1]}"
    return f"{file}: {reasons.get(f'{plan.files.bucket}/{key}', 'the log has no reason')}"


def bad_line(aws: Aws, plan: TransformPlan, key: str) -> tuple[int, str] | None:
    """Return the first line that the container cannot read and the reason, or None."""
    form = plan.files.form
    supported = form.content_type in REQUEST_TYPES and plan.model.recipe.inputs == "texts"
    if not form.lines or not supported or plan.processing.input_filter:
        return None
    with _open(aws, plan.files.bucket, key, form.gzip) as file:
        try:
            return first_bad_line(file, form.content_type, sizes_of(plan)[0])
        except DAMAGED:  # the log reports it
            return None


def first_bad_line(file: Any, content_type: str, payload_mb: int) -> tuple[int, str] | None:
    """Return the first line that is invalid or larger than a request and the reason, or None."""
    limit, number = payload_mb * MEGABYTE, 0
    while line := file.readline(limit + 1):
        number += 1
        if len(line) > limit:
            return number, f"the record exceeds the {payload_mb} MB of --max-payload"
        # A container drops the byte order mark of a file, not those of other lines.
        prefix = _MARK if number > 1 and line.startswith(_MARK) else b""
        try:
            read_texts(prefix + line, content_type)
        except RequestError as error:
            return number, re.sub(r"\bitem 0\b|\bthe body\b", "the record", str(error))
    return None


def logged_reasons(aws: Aws, job: str, files: Collection[str]) -> dict[str, str]:
    """Return the reasons in a job's data logs by file (BUCKET/KEY)."""
    client = aws.client("logs")
    try:
        query = {"logGroupName": _GROUP, "logStreamNamePrefix": f"{job}/"}
        streams = list(aws.pages("logs", "describe_log_streams", "logStreams", **query))
    except client.exceptions.ResourceNotFoundException:  # the log is empty
        return {}
    names = [stream["logStreamName"] for stream in streams]
    texts: dict[str, list[str]] = {}
    for name in (name for name in names if name.endswith("/data-log")):
        pages = log_pages(client, _GROUP, name)
        for event in (event for page in pages for event in page["events"]):
            match = _LINE.fullmatch(event["message"])
            file, text = _split_file(match["rest"] if match else "", files)
            if file:
                texts.setdefault(file, []).append(text)
    return {file: _reason(lines) for file, lines in texts.items()}


def _split_file(text: str, files: Collection[str]) -> tuple[str, str]:
    """Return the file at the start of a log line, and the rest; keys may contain colons."""
    for colon in re.finditer(": ", text):
        if text[: colon.start()] in files:
            return text[: colon.start()], text[colon.end() :]
    return "", text


def _reason(texts: list[str]) -> str:
    """Return the reason in the log of a file and the container's message, as one line."""
    first, *rest = re.split(r"(?<!\n)\n+Message:\n", "\n".join(texts), maxsplit=1)
    body = "".join(rest)
    message = error_message(body) or " ".join(body.split())
    return f"{first}: {message}" if message else first

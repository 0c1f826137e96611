"""A transform reports short records, faulty lines, and the reasons in its logs."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from inference_pipeline.content_types import CSV, JSON_LINES, TEXT
from scripts.account.aws import Aws
from scripts.transforms.files import Files, Form
from scripts.transforms.plans import Processing
from scripts.transforms.report import (
    MEGABYTE,
    _reason,
    _split_file,
    count_short,
    failure,
    first_bad_line,
    short_note,
)
from tests.scripts.endpoints.plans import release_plan
from tests.scripts.stubbed import stub
from tests.scripts.transforms.test_plans import plan

NOWHERE = Aws("eu-west-1")


@pytest.mark.parametrize("content_type", [CSV, TEXT])
def test_short_note_counts_records_of_one_line_for_a_recipe_that_drops_headers(content_type):
    note = short_note(NOWHERE, plan(Form(content_type, lines=True)), 1200)
    assert note == (
        "Note: newsgroups-naive-bayes drops the header of a post, its first 5 lines. That leaves "
        "nothing of 1,200 of 1,200 records, so they get the model's prior."
    )


def test_short_note_is_empty_if_a_line_is_enough_or_records_are_filtered():
    lines = plan(Form(CSV, lines=True))
    assert short_note(NOWHERE, replace(lines, model=release_plan("spooky-ngrams")), 3) == ""
    filtered = plan(Form(CSV, lines=True), processing=Processing(input_filter="$[1]"))
    assert short_note(NOWHERE, filtered, 3) == ""


def test_count_short_counts_the_lines_of_each_json_string():
    six = rb'"a\nb\nc\nd\ne\nf"'
    assert count_short(io.BytesIO(six + b"\n" + b'"a\\nb"\n\n"a"'), 6) == 2


def test_describe_of_an_uploaded_object_is_its_local_file():
    files = Files("b", "in/", ("in/a.csv",), Form(CSV, lines=True), {"in/a.csv": Path("x/a.csv")})
    assert files.describe("in/a.csv") == "x/a.csv"
    assert replace(files, local={}).describe("in/a.csv") == "s3://b/in/a.csv"


def test_reason_is_one_line_with_the_message_of_the_container():
    body = json.dumps({"error": {"code": "InvalidInput", "message": "item 3 is null"}})
    lines = ["ClientError: 400", "", "Message:", body]
    assert _reason(lines) == "ClientError: 400: item 3 is null"
    assert _reason(["ClientError: 400", "", "Message:", "two", "lines"]) == (
        "ClientError: 400: two lines"
    )
    assert _reason(["Too much data for max payload size"]) == "Too much data for max payload size"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'"a"\n"b"', None),
        (b'"a"\n"b"\n\n"c"\n', (3, "the record is empty; expected at least one text")),
        (b'"a"\r\n' + b'"' + b"x" * MEGABYTE, (2, "the record exceeds the 1 MB of --max-payload")),
    ],
)
def test_first_bad_line_returns_its_number_and_the_reason(content, expected):
    assert first_bad_line(io.BytesIO(content), JSON_LINES, 1) == expected


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        ('\ufeff"a"\n"b"', JSON_LINES, None),
        ('\ufeff"a, b"\n"c"', CSV, None),
        (
            '"a"\n\ufeff"b"',
            JSON_LINES,
            (2, "the record is not JSON: unexpected byte order mark at line 1 column 1"),
        ),
        ("\ufeff\na", TEXT, (1, "the record is empty; expected at least one text")),
    ],
)
def test_first_bad_line_drops_the_byte_order_mark_of_the_file_only(content, content_type, expected):
    assert first_bad_line(io.BytesIO(content.encode()), content_type, 1) == expected


def test_first_bad_line_counts_the_bytes_of_the_line():
    reason = "the record is not UTF-8: byte 3 is 0xe9"
    assert first_bad_line(io.BytesIO(b"a\ncaf\xe9\n"), CSV, 1) == (2, reason)


def test_failure_has_the_job_s_reason_if_its_log_may_not_be_read(capsys):
    aws = Aws("us-east-1")
    stub(aws, "logs").add_client_error("describe_log_streams", "AccessDeniedException", "not you")
    job = {"TransformJobStatus": "Failed", "FailureReason": "InternalServerError: again, please"}
    message = failure(aws, plan(), job, ["in/a.jsonl", "in/b/c.jsonl"])
    assert message.endswith(
        " failed, 2 of 2 files without output: InternalServerError: again, please"
    )
    assert "The job's log cannot be read: AWS refused DescribeLogStreams" in capsys.readouterr().err


def test_split_file_accepts_any_file_name():
    files = {"bucket/a: b.csv", "bucket/a.csv"}
    assert _split_file("bucket/a: b.csv: ClientError: 400", files) == (
        "bucket/a: b.csv",
        "ClientError: 400",
    )
    assert _split_file("bucket/c.csv: ClientError: 400", files)[0] == ""

"""What a transform asks of SageMaker, and what it refuses before it asks, as pure functions."""

import gzip
import io
import json

import pytest

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, TEXT
from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.transforms.files import Files, Form, check_lines, form_of, local_files, split_address
from scripts.transforms.plans import (
    Kept,
    Pace,
    TransformPlan,
    accept_of,
    sizes_of,
    strategy_of,
    transform_call,
)
from scripts.transforms.report import MEGABYTE, _placed, _reason, first_bad_line

POSTS, DIGITS = RECIPES["newsgroups-naive-bayes"], RECIPES["digits-cnn"]


def plan(form=Form(JSON_LINES, lines=True), pace=Pace(), kept=Kept()):  # noqa: B008 - frozen
    files = Files("bucket", "in/", ("in/a.jsonl", "in/b/c.jsonl"), form)
    return TransformPlan(
        recipe=POSTS,
        stamp="20261121000000-abcdef",
        model_name="model",
        containers=2,
        files=files,
        output_uri="s3://bucket/out/",
        accept=accept_of(form, kept, None),
        instance_type="ml.m5.large",
        instance_count=2,
        pace=pace,
        kept=kept,
    )


def test_job_of_json_lines_is_split_batched_and_put_together_by_lines():
    parameters = transform_call(plan()).parameters
    assert parameters["TransformInput"] == {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}},
        "ContentType": JSON_LINES,
        "SplitType": "Line",
        "CompressionType": "None",
    }
    assert parameters["TransformOutput"] == {
        "S3OutputPath": "s3://bucket/out/",
        "Accept": JSON_LINES,
        "AssembleWith": "Line",
    }
    assert parameters["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    assert (parameters["BatchStrategy"], parameters["MaxPayloadInMB"]) == ("MultiRecord", 1)
    assert parameters["MaxConcurrentTransforms"] == 4  # two workers of each of two containers
    assert not {"DataProcessing", "Environment"} & parameters.keys()


def test_flags_reach_the_job():
    pace = Pace("single", payload_mb=3, concurrent=7, workers=1)
    kept = Kept(join=True, input_filter="$.text", output_filter="$['id','SageMakerOutput']")
    parameters = transform_call(plan(pace=pace, kept=kept)).parameters
    assert parameters["BatchStrategy"] == "SingleRecord"
    assert (parameters["MaxPayloadInMB"], parameters["MaxConcurrentTransforms"]) == (3, 7)
    assert parameters["Environment"] == {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
    assert parameters["DataProcessing"] == {
        "InputFilter": "$.text",
        "OutputFilter": "$['id','SageMakerOutput']",
        "JoinSource": "Input",
    }


def test_whole_files_are_sent_as_they_are():
    parameters = transform_call(plan(Form(JSON, lines=False, gzip=True))).parameters
    assert parameters["TransformInput"]["SplitType"] == "None"
    assert parameters["TransformInput"]["CompressionType"] == "Gzip"
    assert parameters["TransformOutput"]["AssembleWith"] == "None"
    assert "BatchStrategy" not in parameters
    assert sizes_of(plan(Form(JSON, lines=False)))[0] == 6


def test_outputs_are_named_after_what_lies_below_the_prefix():
    files = Files("b", "in/", ("in/a.csv", "in/b/c.csv"), Form(CSV, lines=True))
    assert files.output_keys("out/") == {
        "in/a.csv": "out/a.csv.out",
        "in/b/c.csv": "out/b/c.csv.out",
    }
    one = Files("b", "in/a.csv", ("in/a.csv",), Form(CSV, lines=True))
    assert one.output_keys("out/") == {"in/a.csv": "out/a.csv.out"}


@pytest.mark.parametrize(
    ("recipe", "names", "form"),
    [
        (POSTS, ["a.csv", "b/c.CSV"], Form(CSV, lines=True)),
        (POSTS, ["a.jsonl"], Form(JSON_LINES, lines=True)),
        (POSTS, ["a.jsonl.gz"], Form(JSON_LINES, lines=True, gzip=True)),
        (POSTS, ["a.txt"], Form(TEXT, lines=True)),
        (POSTS, ["a.json"], Form(JSON, lines=False)),
        (DIGITS, ["a.png"], Form("image/png", lines=False)),
    ],
)
def test_form_of_files_is_told_by_their_endings(recipe, names, form):
    assert form_of(names, recipe, None) == form


def test_content_type_that_is_given_goes_before_the_endings():
    assert form_of(["a.data"], POSTS, JSON_LINES) == Form(JSON_LINES, lines=True)


def written(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "is empty; expected a folder with one or several files"),
        ({"a.jsonl": b""}, "is empty; expected a file with at least one record"),
    ],
)
def test_local_input_with_nothing_in_it_is_refused(tmp_path, files, message):
    with pytest.raises(ProjectError, match=message):
        local_files(written(tmp_path, files))


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: form_of(["a.csv", "b.txt"], POSTS, None), r"several kinds \(.csv, .txt\)"),
        (lambda: form_of(["a.doc"], POSTS, None), "known by its ending; expected .csv, .jsonl"),
        (lambda: form_of(["a.csv"], DIGITS, None), "is no file of images"),
        (lambda: accept_of(Form(TEXT, lines=True), Kept(join=True), None), "--join and filters"),
        (lambda: accept_of(Form(CSV, lines=True), Kept(), JSON), "one document for all records"),
        (lambda: strategy_of(Form(TEXT, lines=True), Pace("multi")), "is one text"),
        (lambda: sizes_of(plan(pace=Pace(payload_mb=4, concurrent=30))), "more than the 100 MB"),
        (lambda: split_address("out", "--output"), "--output is 'out'; expected an address"),
        (lambda: split_address("s3://bucket/", "--input"), "expected an address such as"),
    ],
)
def test_mistake_is_told_with_what_was_expected(work, message):
    with pytest.raises(ProjectError, match=message):
        work()


@pytest.mark.parametrize("zipped", [False, True])
def test_row_of_csv_that_goes_on_over_lines_is_told_with_its_line(tmp_path, zipped):
    content = b'one\n"two\nlines"\n'
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(content) if zipped else content)
    form = Form(CSV, lines=True, gzip=zipped)
    with pytest.raises(ProjectError, match=r"a\.csv line 2: this row goes on over 2 lines"):
        check_lines(path, form)
    path.write_bytes(gzip.compress(b'"a, b"\n') if zipped else b'"a, b"\n')
    check_lines(path, form)


def test_reason_of_a_file_is_one_line_with_the_container_s_message():
    body = json.dumps({"error": {"code": "InvalidInput", "message": "item 3 is null"}})
    logged = ["ClientError: 400", "", "Message:", body]
    assert _reason(logged) == "ClientError: 400: item 3 is null"
    assert _reason(["ClientError: 400", "", "Message:", "two", "lines"]) == (
        "ClientError: 400: two lines"
    )
    assert _reason(["Too much data for max payload size"]) == "Too much data for max payload size"


def test_file_that_is_no_csv_or_no_whole_gzip_file_is_told_as_a_mistake(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\ntwo\rthree\n")
    with pytest.raises(ProjectError, match=r"a\.csv line 2: this row is no CSV: new-line"):
        check_lines(path, Form(CSV, lines=True))
    whole = gzip.compress(b"a text\n" * 1000)
    flipped = whole[:15] + bytes([whole[15] ^ 255]) + whole[16:]
    for content in (b"no gzip", whole[:-9], flipped):
        path.write_bytes(content)
        with pytest.raises(ProjectError, match=r"a\.csv is damaged or no gzip file: "):
            check_lines(path, Form(CSV, lines=True, gzip=True))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'"a"\n"b"', None),
        (b'"a"\n"b"\n\n"c"\n', (3, "the record is empty; expected at least one text")),
        (
            b'"a"\r\n' + b'"' + b"x" * MEGABYTE,
            (2, "the record has more than the 1 MB of --max-payload"),
        ),
    ],
)
def test_first_line_that_is_no_record_is_told_with_its_number(content, expected):
    assert first_bad_line(io.BytesIO(content), JSON_LINES, 1) == expected


def test_line_of_a_log_is_told_from_the_file_it_is_about_whatever_its_name():
    places = {"bucket/a: b.csv", "bucket/a.csv"}
    assert _placed("bucket/a: b.csv: ClientError: 400", places) == (
        "bucket/a: b.csv",
        "ClientError: 400",
    )
    assert _placed("bucket/c.csv: ClientError: 400", places)[0] == ""

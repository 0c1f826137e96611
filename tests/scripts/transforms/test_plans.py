"""The requests of a transform, and mistakes that are refused before any request."""

from dataclasses import replace

import pytest

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, TEXT
from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.transforms.files import Files, Form, form_of, split_address
from scripts.transforms.plans import (
    Processing,
    TransformPlan,
    accept_of,
    sizes_of,
    strategy_of,
    transform_call,
)
from tests.scripts.endpoints.plans import release_plan

POSTS, DIGITS = RECIPES["newsgroups-naive-bayes"], RECIPES["digits-cnn"]


def plan(
    form=Form(JSON_LINES, lines=True),  # noqa: B008 - frozen
    processing=Processing(),  # noqa: B008
    **pace,
):
    files = Files("bucket", "in/", ("in/a.jsonl", "in/b/c.jsonl"), form)
    return TransformPlan(
        model=replace(release_plan(), instance_type="ml.m5.large", instance_count=2),
        files=files,
        output_uri="s3://bucket/out/",
        accept=accept_of(form, processing, None),
        processing=processing,
        **pace,
    )


def test_transform_call_splits_and_assembles_json_lines():
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
    assert parameters["MaxConcurrentTransforms"] == 4  # two workers in each of two containers
    assert not {"DataProcessing", "Environment"} & parameters.keys()


def test_transform_call_has_the_flags():
    pace = {"strategy": "single", "payload_mb": 3, "concurrent": 7, "workers": 1}
    processing = Processing(
        join=True, input_filter="$.text", output_filter="$['id','SageMakerOutput']"
    )
    parameters = transform_call(plan(processing=processing, **pace)).parameters
    assert parameters["BatchStrategy"] == "SingleRecord"
    assert (parameters["MaxPayloadInMB"], parameters["MaxConcurrentTransforms"]) == (3, 7)
    assert parameters["Environment"] == {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
    assert parameters["DataProcessing"] == {
        "InputFilter": "$.text",
        "OutputFilter": "$['id','SageMakerOutput']",
        "JoinSource": "Input",
    }


def test_transform_call_does_not_split_json_documents():
    parameters = transform_call(plan(Form(JSON, lines=False, gzip=True))).parameters
    assert parameters["TransformInput"]["SplitType"] == "None"
    assert parameters["TransformInput"]["CompressionType"] == "Gzip"
    assert parameters["TransformOutput"]["AssembleWith"] == "None"
    assert "BatchStrategy" not in parameters
    assert sizes_of(plan(Form(JSON, lines=False)))[0] == 6


def test_output_keys_have_the_paths_under_the_prefix():
    files = Files("b", "in/", ("in/a.csv", "in/b/c.csv"), Form(CSV, lines=True))
    assert files.output_keys("out/") == {
        "in/a.csv": "out/a.csv.out",
        "in/b/c.csv": "out/b/c.csv.out",
    }
    single = Files("b", "in/a.csv", ("in/a.csv",), Form(CSV, lines=True))
    assert single.output_keys("out/") == {"in/a.csv": "out/a.csv.out"}


@pytest.mark.parametrize(
    ("recipe", "names", "form"),
    [
        (POSTS, ["a.csv", "b/c.CSV"], Form(CSV, lines=True)),
        (POSTS, ["a.jsonl"], Form(JSON_LINES, lines=True)),
        (POSTS, ["a.jsonl.gz", "b.JSONL.GZ"], Form(JSON_LINES, lines=True, gzip=True)),
        (POSTS, ["a.txt"], Form(TEXT, lines=True)),
        (POSTS, ["a.json"], Form(JSON, lines=False)),
        (DIGITS, ["a.png"], Form("image/png", lines=False)),
    ],
)
def test_form_of_depends_on_the_extensions(recipe, names, form):
    assert form_of(names, recipe, None) == form


def test_form_of_prefers_the_content_type_to_the_extension():
    assert form_of(["a.data"], POSTS, JSON_LINES) == Form(JSON_LINES, lines=True)


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("Text/CSV; charset=UTF-8", Form(CSV, lines=True)),
        ("text/csv; header=absent", Form(CSV, lines=True)),
        ('text/csv; header="Present"', Form("text/csv; header=present", lines=False)),
    ],
)
def test_form_of_a_content_type_with_parameters_splits_only_csv_without_a_header(
    content_type, form
):
    assert form_of(["a.csv"], POSTS, content_type) == form


@pytest.mark.parametrize(
    ("form", "processing", "accept", "expected"),
    [
        (Form(JSON_LINES, lines=True), Processing(), "Text/CSV; charset=utf-8", CSV),
        (Form(CSV, lines=True), Processing(join=True), CSV, CSV),
        (Form(JSON_LINES, lines=True), Processing(join=True), JSON_LINES, JSON_LINES),
        (Form(JSON, lines=False), Processing(join=True), JSON_LINES, JSON_LINES),
        (Form("image/png", lines=False), Processing(), CSV, CSV),
    ],
)
def test_accept_of_is_the_plain_type_of_the_flag(form, processing, accept, expected):
    assert accept_of(form, processing, accept) == expected


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (
            lambda: form_of(["in/a.csv", "b.txt", "c.txt"], POSTS, None),
            r"several file formats \(.csv in in/a.csv, .txt in b.txt\)",
        ),
        (
            lambda: form_of(["a.csv"], POSTS, "application/xml"),
            r"'application/xml' is not accepted; expected one of text/plain, text/csv",
        ),
        (
            lambda: form_of(["a.csv"], POSTS, "text/csv; charset=latin-1"),
            "the charset 'latin-1' is not accepted; expected utf-8",
        ),
        (lambda: form_of(["a.csv"], POSTS, "text/csv; header=1"), "expected present or absent"),
        (lambda: form_of(["a.doc"], POSTS, None), "extension for texts; expected .txt, .csv"),
        (lambda: form_of(["a.csv"], DIGITS, None), "a known extension for images"),
        (lambda: form_of(["a.jpg"], DIGITS, None), r"for images; expected .png, .npy, .json \(or"),
        (lambda: accept_of(Form(TEXT, lines=True), Processing(True), None), "--join and filters"),
        (lambda: accept_of(Form(CSV, lines=True), Processing(), JSON), "one document for all"),
        (
            lambda: accept_of(Form(CSV, lines=True), Processing(), "Application/JSON; a=b"),
            "one document for all",
        ),
        (
            lambda: accept_of(Form(CSV, lines=True), Processing(), "*/*"),
            r"--accept '\*/\*' is not a content type of outputs; expected one of application/json,",
        ),
        (lambda: accept_of(Form(JSON, lines=False), Processing(), ""), "--accept '' is not a"),
        (
            lambda: accept_of(Form(JSON_LINES, lines=True), Processing(join=True), CSV),
            "format of the input; expected --accept application/jsonlines, found text/csv",
        ),
        (
            lambda: accept_of(Form(CSV, lines=True), Processing(output_filter="$[0]"), JSON_LINES),
            "expected --accept text/csv, found application/jsonlines",
        ),
        (lambda: Processing(input_filter=""), "the filter '' is not a JSONPath"),
        (lambda: strategy_of(Form(JSON, lines=False), "multi"), "a whole file; omit the flag"),
        (lambda: Processing(output_filter="xx"), "the filter 'xx' is not a JSONPath of up to 63"),
        (lambda: Processing(input_filter="$" + "a" * 63), "expected one such as "),
        (lambda: strategy_of(Form(TEXT, lines=True), "multi"), "is one text"),
        (lambda: sizes_of(plan(payload_mb=4, concurrent=30)), "limit of 100 MB"),
        (lambda: split_address("out", "--output"), "--output 'out' is not an S3 address"),
        (
            lambda: split_address("s3://bucket/", "--input"),
            "expected one such as s3://BUCKET/PREFIX/",
        ),
    ],
)
def test_mistake_is_refused_with_what_is_expected(work, message):
    with pytest.raises(ProjectError, match=message):
        work()

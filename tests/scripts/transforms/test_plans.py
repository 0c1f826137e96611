"""The requests of a transform, and mistakes that are refused before any request."""

import gzip

import pytest

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, TEXT
from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.transforms.files import (
    Files,
    Form,
    check_lines,
    copy_calls,
    form_of,
    list_files,
    local_files,
    split_address,
)
from scripts.transforms.plans import (
    Pace,
    Processing,
    TransformPlan,
    accept_of,
    sizes_of,
    strategy_of,
    transform_call,
)
from scripts.transforms.side_files import is_side_file
from tests.scripts.stubbed import stub

POSTS, DIGITS = RECIPES["newsgroups-naive-bayes"], RECIPES["digits-cnn"]


def plan(
    form=Form(JSON_LINES, lines=True),  # noqa: B008 - frozen
    pace=Pace(),  # noqa: B008
    processing=Processing(),  # noqa: B008
):
    files = Files("bucket", "in/", ("in/a.jsonl", "in/b/c.jsonl"), form)
    return TransformPlan(
        recipe=POSTS,
        stamp="20261121000000-abcdef",
        model_name="model",
        containers=2,
        files=files,
        output_uri="s3://bucket/out/",
        accept=accept_of(form, processing, None),
        instance_type="ml.m5.large",
        instance_count=2,
        pace=pace,
        processing=processing,
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
    pace = Pace("single", payload_mb=3, concurrent=7, workers=1)
    processing = Processing(
        join=True, input_filter="$.text", output_filter="$['id','SageMakerOutput']"
    )
    parameters = transform_call(plan(pace=pace, processing=processing)).parameters
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
        (POSTS, ["a.jsonl.gz"], Form(JSON_LINES, lines=True, gzip=True)),
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


SIDE_FILES = [
    *(".DS_Store", "._a.csv", "__MACOSX/a.csv", "Thumbs.db", "deep/desktop.ini", "Desktop.ini"),
    *("_SUCCESS", "_committed_1", "_started_1", ".a.csv.crc", "_temporary/0/part-0.csv"),
    *(".ipynb_checkpoints/a-checkpoint.csv", "part_$folder$"),
]


@pytest.mark.parametrize("path", SIDE_FILES)
def test_well_known_side_file_is_not_data(path):
    assert is_side_file(path)


@pytest.mark.parametrize("path", ["a.csv", "_a.csv", "deep/success.csv", "a.crc", "part-0"])
def test_other_file_is_data(path):
    assert not is_side_file(path)


def test_local_files_skips_side_files_of_a_folder_with_a_note(tmp_path, capsys):
    for name in ("a.csv", "deep/b.csv", *SIDE_FILES):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"" if path.name == "_SUCCESS" else b"text\n")
    found = local_files(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a.csv", "deep/b.csv"]
    note = capsys.readouterr().err
    assert note.startswith(f"Note: skipping files that are not data: {tmp_path}/.DS_Store, ")
    assert note.endswith(f" and {len(SIDE_FILES) - 3} more.\n")


def test_local_files_reads_a_side_file_that_is_named_itself(tmp_path):
    path = tmp_path / "_SUCCESS"
    path.write_bytes(b"text\n")
    assert local_files(path) == [path]


@pytest.mark.parametrize(
    ("prefix", "keys", "skipped"),
    [("in/", ["in/a.csv"], ("in/_x.crc/._b", "in/_SUCCESS")), ("in/_SUCCESS", ["in/_SUCCESS"], ())],
)
def test_list_files_reads_a_side_file_in_s3_that_is_named_itself(prefix, keys, skipped):
    aws = Aws("eu-west-1")
    with stub(aws, "s3") as stubber:
        objects = [{"Key": key, "Size": 1} for key in (*skipped, *keys)]
        stubber.add_response("list_objects_v2", {"Contents": objects})
        files = list_files(aws, f"s3://bucket/{prefix}", POSTS, CSV)
    assert (list(files.keys), files.skipped) == (keys, skipped)


def test_objects_next_to_side_files_are_copied_because_sagemaker_reads_whole_prefixes():
    keys = ("in/a.csv", "in/b/c.csv")
    files = Files("theirs", "in/", keys, Form(CSV, lines=True), skipped=("in/_SUCCESS",))
    own = files.without_side_files("ours", "new/input/")
    assert (own.uri, own.keys) == ("s3://ours/new/input/", ("new/input/a.csv", "new/input/b/c.csv"))
    assert list(own.output_keys("out/").values()) == list(files.output_keys("out/").values())
    assert own.describe("new/input/a.csv").startswith("s3://theirs/in/a.csv")
    assert [call.parameters for call in copy_calls(own)] == [
        {
            "CopySource": {"Bucket": "theirs", "Key": key},
            "Bucket": "ours",
            "Key": key.replace("in/", "new/input/"),
        }
        for key in keys
    ]


def test_objects_without_side_files_are_read_where_they_are():
    files = Files("theirs", "in/", ("in/a.csv",), Form(CSV, lines=True))
    assert files.without_side_files("ours", "new/input/") == files
    assert copy_calls(files) == []


def written(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "is empty; expected a folder with at least one file"),
        ({"a.jsonl": b""}, "is empty; expected a file with at least one record"),
    ],
)
def test_local_files_refuses_empty_inputs(tmp_path, files, message):
    with pytest.raises(ProjectError, match=message):
        local_files(written(tmp_path, files))


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
        (lambda: accept_of(Form(TEXT, lines=True), Processing(True), None), "--join and filters"),
        (lambda: accept_of(Form(CSV, lines=True), Processing(), JSON), "one document for all"),
        (lambda: Processing(output_filter="xx"), "the filter 'xx' is not a JSONPath of up to 63"),
        (lambda: Processing(input_filter="$" + "a" * 63), "expected one such as "),
        (lambda: strategy_of(Form(TEXT, lines=True), Pace("multi")), "is one text"),
        (lambda: sizes_of(plan(pace=Pace(payload_mb=4, concurrent=30))), "limit of 100 MB"),
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


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("zipped", [False, True])
def test_check_lines_refuses_a_csv_row_that_spans_lines(tmp_path, zipped, mark):
    path = tmp_path / "a.csv"
    form = Form(CSV, lines=True, gzip=zipped)
    for content, line in ((b'one\n"two\nlines"\n', 2), (b'"two\nlines"\n"one, line"\n', 1)):
        path.write_bytes(gzip.compress(mark + content) if zipped else mark + content)
        with pytest.raises(ProjectError, match=rf"a\.csv line {line}: this row spans 2 lines"):
            check_lines(path, form)
    path.write_bytes(gzip.compress(b'"a, b"\n') if zipped else b'"a, b"\n')
    check_lines(path, form)


def test_check_lines_refuses_invalid_csv_and_gzip(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\ntwo\rthree\n")
    with pytest.raises(ProjectError, match=r"a\.csv line 2: this row is not CSV: new-line"):
        check_lines(path, Form(CSV, lines=True))
    complete = gzip.compress(b"a text\n" * 1000)
    flipped = complete[:15] + bytes([complete[15] ^ 255]) + complete[16:]
    for content in (b"not gzip", complete[:-9], flipped):
        path.write_bytes(content)
        with pytest.raises(ProjectError, match=r"a\.csv is corrupt or not a gzip file: "):
            check_lines(path, Form(CSV, lines=True, gzip=True))

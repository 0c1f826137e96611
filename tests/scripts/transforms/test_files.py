"""The files of a transform: which are read, copied, or refused before any request."""

import gzip
import os

import pytest

from inference_pipeline.content_types import CSV
from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.transforms.files import (
    Files,
    Form,
    check_lines,
    copy_calls,
    is_side_file,
    list_files,
    local_files,
)
from tests.scripts.stubbed import stub

POSTS = RECIPES["newsgroups-naive-bayes"]
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


def test_list_files_refuses_objects_whose_outputs_would_have_the_same_name():
    aws = Aws("eu-west-1")
    with stub(aws, "s3") as stubber:
        objects = [{"Key": key, "Size": 1} for key in ("x/in/inner.csv", "x/inner.csv")]
        stubber.add_response("list_objects_v2", {"Contents": objects})
        with pytest.raises(ProjectError) as raised:
            list_files(aws, "s3://bucket/x/in", POSTS, None)
    assert str(raised.value) == (
        "s3://bucket/x/in is the beginning of objects whose outputs would have the same name; end "
        "the prefix of a folder with a slash"
    )


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


def test_local_files_reads_linked_folders_once(tmp_path):
    for name in ("in/a.csv", "other/b.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"text\n")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "other")
    (tmp_path / "in" / "back").symlink_to(tmp_path / "in")
    found = local_files(tmp_path / "in")
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "in/a.csv",
        "in/linked/b.csv",
    ]


def test_local_files_refuses_what_cannot_be_uploaded(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "none.csv")
    with pytest.raises(ProjectError, match=r"a\.csv is a broken link, a pipe, or a device; remove"):
        local_files(tmp_path)
    (tmp_path / "a.csv").unlink()
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(ProjectError, match=r"a\.csv is a pipe or a device; expected a file"):
        local_files(tmp_path / "a.csv")
    (tmp_path / "a.csv").unlink()
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"text\n")
    with pytest.raises(ProjectError, match=r"caf\\xe9\.csv' is not UTF-8, as keys in S3 are"):
        local_files(tmp_path)


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


def test_check_lines_refuses_columns_that_no_filter_selects(tmp_path):
    path, form = tmp_path / "a.csv", Form(CSV, lines=True)
    path.write_bytes(b'"one, text"\n7,another\n')
    with pytest.raises(ProjectError, match=r"a\.csv line 2: this row has 2 columns; expected one"):
        check_lines(path, form)
    check_lines(path, form, filtered=True)


def test_check_lines_refuses_invalid_csv_and_gzip(tmp_path):
    path = tmp_path / "a.csv"
    for row, reason in (
        (b"two\rthree", "new-line"),
        (b'"two" three', "',' expected"),
        (b'"', "unexp"),
    ):
        path.write_bytes(b"one\n" + row + b"\n")
        with pytest.raises(ProjectError, match=rf"a\.csv line 2: this row is not CSV: {reason}"):
            check_lines(path, Form(CSV, lines=True))
    complete = gzip.compress(b"a text\n" * 1000)
    flipped = complete[:15] + bytes([complete[15] ^ 255]) + complete[16:]
    for content in (b"not gzip", complete[:-9], flipped):
        path.write_bytes(content)
        with pytest.raises(ProjectError, match=r"a\.csv is corrupt or not a gzip file: "):
            check_lines(path, Form(CSV, lines=True, gzip=True))

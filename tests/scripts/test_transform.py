"""transform scores whole files, counts records, and reports the lines of faults."""

import json
import os
import signal
import subprocess

import pytest

from local_aws.tests.account import eventually, unique
from local_aws.tests.stages import processes_of
from scripts.account.naming import DEFAULT_STACK, stack_tags
from tests.account_state import state_of
from tests.scripts.processes import RECIPE, command

PLANNED = [*("copy", "create_model", "create_transform_job"), *("delete_model", "delete_object")]
HEADER = "From: a\nSubject: b\nOrganization: c\nLines: 1\n\n"
TEXTS = [f"{HEADER}a sentence about the number {number} of things" for number in range(30)]


def json_lines(texts):
    return "".join(json.dumps(text) + "\n" for text in texts)


def outputs(release, uri):
    """Return the lines of each output by name."""
    objects = release.scripts.read_objects(uri)
    return {name: content.decode().splitlines() for name, content in objects.items()}


def address(release, name=""):
    return f"s3://{release.setup['bucket']}/{unique('transform')}/{name}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write a folder with two files of JSON lines, one of them with a mark, and side files."""
    folder = tmp_path_factory.mktemp("posts")
    (folder / "deep").mkdir()
    (folder / "a.jsonl").write_text(json_lines(TEXTS), encoding="utf-8")
    (folder / "deep" / "b.jsonl").write_text(json_lines(TEXTS[:7]), encoding="utf-8-sig")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "_SUCCESS").touch()
    return folder


def test_folder_is_scored_record_by_record_with_the_model_of_the_endpoint(release, folder):
    ended = release.scripts.run("transform", "--input", str(folder), "--instance-count", "2")
    result = ended.result
    assert f"Using model package {release.deploy['model_package_arn']}." in ended.stderr
    assert (result["files"], result["records"]) == (2, 37)
    assert "Scored 37 records in 2 files: s3://" in ended.stderr
    assert "Note: skipping files that are not data: " in ended.stderr
    results = outputs(release, result["output"])
    assert {name: len(lines) for name, lines in results.items()} == {
        "a.jsonl.out": 30,
        "deep/b.jsonl.out": 7,
    }
    body = json.dumps({"instances": TEXTS})
    expected = release.scripts.run("invoke", "--content-type", "application/json", body).result
    assert [json.loads(line) for line in results["a.jsonl.out"]] == expected["predictions"]


@pytest.mark.slow
def test_malformed_line_is_reported_and_other_files_are_scored(release):
    root = address(release)
    good = json_lines(TEXTS[:5])
    release.scripts.put_object(f"{root}in/good.jsonl", good)
    release.scripts.put_object(f"{root}in/bad.jsonl", good + '"no end\n' + good)
    error = release.scripts.run(
        "transform", "--input", f"{root}in/", "--output", f"{root}out"
    ).error  # fmt: skip
    assert error.startswith(f"{root}in/bad.jsonl line 6: the record is not JSON: Unterminated")
    assert f" (transform job {RECIPE}-" in error
    assert error.endswith(
        f" failed, 1 of 2 files without output (the other outputs are under {root}out/))"
    )
    assert [*outputs(release, f"{root}out/")] == ["good.jsonl.out"]


def test_file_with_an_unknown_extension_is_refused(release, tmp_path):
    path = tmp_path / "posts.parquet"
    path.write_bytes(b"x")
    error = release.scripts.run("transform", "--input", str(path)).error
    assert error.startswith(f"{path} does not have a known extension for texts")


@pytest.mark.slow
def test_records_are_joined_to_their_outputs(release):
    root = address(release)
    rows = [f'"a text, number {number}"' for number in range(4)]
    release.scripts.put_object(f"{root}in.csv", "\n".join(rows) + "\n")
    result = release.scripts.run(
        "transform", "--input", f"{root}in.csv", "--output", f"{root}out/",
        "--join", "--output-filter", "$[0,1]",
    ).result  # fmt: skip
    (lines,) = outputs(release, result["output"]).values()
    assert [line.rpartition(",")[0] for line in lines] == rows


@pytest.mark.slow
def test_side_files_in_s3_and_byte_order_marks_do_not_change_the_output(release):
    root = address(release)
    release.scripts.put_object(f"{root}in/part-0.csv", '\ufeff"a text, number 0"\n"another"\n')
    release.scripts.put_object(f"{root}in/deep/part-1.csv", '\ufeff"a text, number 1"\n')
    release.scripts.put_object(f"{root}in/_SUCCESS", "")
    arguments = ("--input", f"{root}in/", "--output", f"{root}out/")
    ended = release.scripts.run("transform", *arguments)
    assert f"Note: skipping files that are not data: {root}in/_SUCCESS." in ended.stderr
    assert (ended.result["files"], ended.result["records"]) == (2, 3)
    results = outputs(release, f"{root}out/")
    assert {name: len(lines) for name, lines in results.items()} == {
        "part-0.csv.out": 2,
        "deep/part-1.csv.out": 1,
    }


@pytest.mark.slow
def test_local_csv_with_a_byte_order_mark_is_joined(release, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text('"a text, number 0"\nanother\n', encoding="utf-8-sig")
    result = release.scripts.run(
        "transform", "--input", str(path), "--join", "--output-filter", "$[0]"
    ).result  # fmt: skip
    (lines,) = outputs(release, result["output"]).values()
    assert lines == ['"a text, number 0"', "another"]


@pytest.mark.slow
def test_csv_with_a_header_is_one_request(release, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text('text\n"two\nlines"\nanother\n', encoding="utf-8")
    result = release.scripts.run(
        "transform", "--input", str(path), "--content-type", "text/csv; header=present"
    ).result  # fmt: skip
    assert result["requests"] == 1
    ((line,),) = outputs(release, result["output"]).values()
    assert len(json.loads(line)["predictions"]) == 2


@pytest.mark.slow
def test_existing_output_is_refused_without_overwrite(release):
    root = address(release)
    release.scripts.put_object(f"{root}in.jsonl", json_lines(TEXTS[:2]))
    release.scripts.put_object(f"{root}out/in.jsonl.out", "old")
    arguments = ("transform", "--input", f"{root}in.jsonl", "--output", f"{root}out/")
    error = release.scripts.run(*arguments).error
    assert f"{root}out/ already has objects (1, such as" in error
    result = release.scripts.run(*arguments, "--overwrite").result
    (lines,) = outputs(release, result["output"]).values()
    assert len(lines) == 2


@pytest.mark.slow
def test_model_is_created_and_deleted_whether_or_not_an_endpoint_serves(release):
    root = address(release)
    release.scripts.put_object(f"{root}in.txt", "one text\nanother\n")
    arguments = ("--input", f"{root}in.txt", "--output", f"{root}out/", "--workers", "1")
    scripts = release.scripts
    client = scripts.client("sagemaker")
    before = [model["ModelName"] for model in client.list_models(MaxResults=100)["Models"]]
    name = release.deploy["endpoint_name"]
    calls = scripts.run("transform", *arguments, "--dry-run").result["calls"]
    assert [call["operation"] for call in calls] == PLANNED
    config = client.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    client.delete_endpoint(EndpointName=name)
    eventually(lambda: not client.list_endpoints(NameContains=name)["Endpoints"])
    try:
        calls = scripts.run("transform", *arguments, "--dry-run").result["calls"]
        assert [call["operation"] for call in calls] == PLANNED
        result = scripts.run("transform", *arguments).result
        assert result["records"] == 2
        after = [model["ModelName"] for model in client.list_models(MaxResults=100)["Models"]]
        assert sorted(after) == sorted(before)
    finally:
        client.create_endpoint(
            EndpointName=name, EndpointConfigName=config, Tags=stack_tags(DEFAULT_STACK)
        )
        client.get_waiter("endpoint_in_service").wait(
            EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


@pytest.mark.slow
def test_interrupted_transform_stops_its_job(release, tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_text(json_lines(TEXTS[:1]) * 200_000, encoding="utf-8")
    line = command("transform", "--recipe", RECIPE, "--input", str(path), "--strategy", "single")
    process = subprocess.Popen(
        line, env=release.scripts.environment, stderr=subprocess.PIPE, text=True
    )
    client = release.scripts.client("sagemaker")

    def running():
        jobs = client.list_transform_jobs(StatusEquals="InProgress")["TransformJobSummaries"]
        names = [job["TransformJobName"] for job in jobs]
        jobs = [client.describe_transform_job(TransformJobName=name) for name in names]
        return [job["TransformJobName"] for job in jobs if "TransformStartTime" in job]

    (name,) = eventually(running)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert stderr.endswith(f"Transform job {name} is stopped.\nstopped\n")
    job = client.describe_transform_job(TransformJobName=name)
    assert job["TransformJobStatus"] == "Stopped"
    # no partial output
    assert release.scripts.list_objects(job["TransformOutput"]["S3OutputPath"]) == []
    assert processes_of(name) == []


def test_mistake_is_refused_before_anything_is_created(release, tmp_path):
    (tmp_path / "a.jsonl").write_text('"a"\n', encoding="utf-8")
    before = state_of(release.scripts)
    flags = ("--concurrent", "30", "--max-payload", "4")
    error = release.scripts.run("transform", "--input", str(tmp_path), *flags).error
    assert "30 concurrent requests of 4 MB exceed SageMaker's limit of 100 MB" in error
    assert state_of(release.scripts) == before


@pytest.mark.slow
def test_missing_input_and_output_under_the_input_are_refused(release):
    root = address(release)
    error = release.scripts.run("transform", "--input", f"{root}none/").error
    assert error == f"there are no files at {root}none/; expected at least one"
    assert "does not exist" in release.scripts.run("transform", "--input", "/nowhere").error
    release.scripts.put_object(f"{root}in/a.jsonl", json_lines(TEXTS[:2]))
    arguments = ("transform", "--input", f"{root}in/", "--output", f"{root}in/out/")
    assert "is under the input" in release.scripts.run(*arguments).error
    # in/a.jsonl.out begins with in/a.jsonl, so the prefix matches both
    arguments = ("transform", "--input", f"{root}in/a.jsonl", "--output", f"{root}in/")
    assert "is under the input" in release.scripts.run(*arguments).error

"""The output of a job: exact metrics, pictures copied whole, and plain words for a broken one."""

import io
import json
import tarfile

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.jobs.output import copy_pictures, make_folder, read_job_output

URI = "s3://job-output/jobs/one/output/model.tar.gz"
METRICS = json.dumps({"accuracy": 0.8187732342007435}).encode()


@pytest.fixture
def put(local_aws, monkeypatch):
    """Return a function that puts an output.tar.gz of members, or of bytes, beside a model."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    client = local_aws.client("s3")
    client.create_bucket(Bucket="job-output")

    def upload(content):
        if isinstance(content, dict):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
                for name, body in content.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(body)
                    tar.addfile(info, io.BytesIO(body))
            content = buffer.getvalue()
        client.put_object(Bucket="job-output", Key="jobs/one/output/output.tar.gz", Body=content)

    return upload


def test_metrics_are_exact_and_pictures_are_named(put):
    put({"metrics.json": METRICS, "roc.png": b"png", "notes.txt": b"x"})
    output = read_job_output(Aws(), URI)
    assert output.metrics == {"accuracy": 0.8187732342007435}
    assert output.pictures == {"roc.png": b"png"}
    assert output.uri == "s3://job-output/jobs/one/output/output.tar.gz"


def test_pictures_are_copied_and_nothing_leaves_the_folder(put, tmp_path):
    put({"metrics.json": METRICS, "roc.png": b"png", "../evil.png": b"x", "deep/other.png": b"x"})
    folder = tmp_path / "pictures"
    make_folder(folder)
    copy_pictures(read_job_output(Aws(), URI), folder)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*.png")} == {"roc.png": b"png"}
    assert [path.name for path in folder.iterdir()] == ["roc.png"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"other.json": b"{}"}, "it has no metrics.json, only other.json"),
        ({"metrics.json": b"not json"}, "Expecting value"),
        (b"no archive", "not a gzip file"),
        (b"", "empty file"),
    ],
)
def test_a_broken_output_is_named_with_its_address(put, content, reason):
    put(content)
    with pytest.raises(DeploymentError, match=reason) as raised:
        read_job_output(Aws(), URI)
    assert str(raised.value).startswith("s3://job-output/jobs/one/output/output.tar.gz is not")


def test_a_folder_that_cannot_be_made_is_refused_by_its_flag_and_reason(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    for path, reason in ((file, "File exists"), (file / "below", "Not a directory")):
        with pytest.raises(DeploymentError, match=reason) as raised:
            make_folder(path)
        assert str(raised.value).startswith(f"--pictures {path} cannot be used (")


def test_a_folder_that_can_be_written_to_is_left_as_it_is(tmp_path):
    (tmp_path / "own.txt").write_bytes(b"")
    make_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]

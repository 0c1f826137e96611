"""The output of a job has exact metrics and whole plots; a broken output is refused."""

import io
import json
import tarfile

import pytest

from local_aws.tests.account import archive
from local_aws.tests.sagemaker.containers.generated_archives import file, header, whole
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.jobs.output import copy_plots, make_folder, read_job_output, show_output

URI = "s3://job-output/jobs/one/output/model.tar.gz"
METRICS = json.dumps({"accuracy": 0.8187732342007435}).encode()


@pytest.fixture
def put(local_aws, monkeypatch):
    """Return a function that uploads an output.tar.gz, of members or of bytes, next to a model."""
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


def test_metrics_are_exact_and_plots_have_names(put):
    put({"metrics.json": METRICS, "roc.png": b"png", "notes.txt": b"x"})
    output = read_job_output(Aws(), URI)
    assert output.metrics == {"accuracy": 0.8187732342007435}
    assert output.plots == {"roc.png": b"png"}
    assert output.uri == "s3://job-output/jobs/one/output/output.tar.gz"


def test_plots_with_the_same_content_are_read_from_hard_links(put):
    plot = file("./one.png", b"png") + header("./two.png", b"1", 0, "./one.png")
    put(whole(file("./metrics.json", METRICS), plot))
    assert read_job_output(Aws(), URI).plots == {"one.png": b"png", "two.png": b"png"}


def test_plots_are_copied_and_nothing_is_written_outside_the_folder(put, tmp_path):
    put({"metrics.json": METRICS, "roc.png": b"png", "../evil.png": b"x", "deep/other.png": b"x"})
    folder = tmp_path / "plots"
    make_folder(folder)
    copy_plots(read_job_output(Aws(), URI), folder)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*.png")} == {"roc.png": b"png"}
    assert [path.name for path in folder.iterdir()] == ["roc.png"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"other.json": b"{}"}, "has no metrics.json"),
        ({"metrics.json": b"not json"}, "Expecting value"),
        (b"no archive", "Not a gzipped file"),
        (b"", "empty file"),
        (archive({"metrics.json": METRICS})[:-20], "is not a valid archive: "),
        (archive({"metrics.json": METRICS})[:-4] + b"long", "Incorrect length of data produced"),
    ],
)
def test_broken_output_is_refused_with_its_address(put, content, reason):
    put(content)
    with pytest.raises(DeploymentError, match=reason) as raised:
        read_job_output(Aws(), URI)
    assert "s3://job-output/jobs/one/output/output.tar.gz" in str(raised.value)


def test_folder_that_cannot_be_created_is_refused_with_its_flag_and_reason(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    for path, reason in ((file, "File exists"), (file / "below", "Not a directory")):
        with pytest.raises(DeploymentError, match=reason) as raised:
            make_folder(path)
        assert str(raised.value).startswith(f"--plots {path} cannot be used (")


def test_writable_folder_is_left_unchanged(tmp_path):
    (tmp_path / "own.txt").write_bytes(b"")
    make_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]


def test_warnings_are_read_and_shown(put, capsys):
    put({"metrics.json": METRICS, "warnings.json": b'["no better than the largest class"]'})
    output = read_job_output(Aws(), URI)
    assert output.warnings == ["no better than the largest class"]
    show_output(output, "texts", "", None)
    assert "WARNING: no better than the largest class\n" in capsys.readouterr().err

"""Missing or unsafe model archives: the endpoint fails with a reason."""

import gzip
import io
import os
import tarfile

import pytest

from local_aws.tests.account import IMAGE, Account, archive, refusal, unique
from local_aws.tests.sagemaker.containers.generated_archives import file, header, whole

MEGABYTE = 1024 * 1024


def tar_of(member: tarfile.TarInfo, content: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def link(kind: bytes) -> bytes:
    member = tarfile.TarInfo("model.joblib")
    member.type, member.linkname = kind, "/etc/passwd"
    return tar_of(member)


def failure_of(account: Account, data: bytes) -> str:
    """Deploy an archive that must be rejected; return the reason."""
    uri = account.upload(f"{unique('model')}/model.tar.gz", data)
    reason = account.failure_of({"Image": IMAGE, "ModelDataUrl": uri})
    assert uri in reason
    return reason


@pytest.mark.observes("no-model-data")
@pytest.mark.parametrize("bucket", ["", "a-missing-bucket", "INVALID_BUCKET_NAME"])
def test_model_of_a_missing_archive_is_refused_with_its_uri(account, bucket):
    uri = f"s3://{bucket or account.bucket}/{unique('no')}/model.tar.gz"
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    code, message = refusal(lambda: account.create_config(container))
    assert (code, message) == ("ValidationException", f"Could not find model data at {uri}.")


def test_model_archive_that_was_deleted_fails_the_endpoint_with_its_uri(account):
    container = account.packed_container("")
    config, uri = account.create_config(container), container["ModelDataUrl"]
    account.s3.delete_object(Bucket=account.bucket, Key=uri.split("/", 3)[3])
    name = unique("endpoint")
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert f"Could not download {uri}" in endpoint["FailureReason"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"this is not an archive",
        archive({"model.joblib": os.urandom(MEGABYTE)})[: MEGABYTE // 2],
        archive({"model.joblib": "abc" * 5000})[:40] + b"\xff" * 200,
    ],
    ids=["empty", "text", "truncated", "corrupt"],
)
def test_incomplete_model_archive_fails_the_endpoint(account, data):
    assert "is not a complete tar.gz archive" in failure_of(account, data)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE], ids=["symbolic", "hard"])
def test_model_archive_with_a_link_fails_the_endpoint(account, kind):
    assert "unsafe link 'model.joblib'" in failure_of(account, link(kind))


@pytest.mark.parametrize("name", ["../outside", "/outside", "code/../../outside"])
def test_model_archive_with_a_path_outside_fails_the_endpoint(account, name):
    reason = failure_of(account, tar_of(tarfile.TarInfo(name), b"x"))
    assert f"unsafe path {name!r}" in reason


def test_model_archive_with_a_device_fails_the_endpoint(account):
    member = tarfile.TarInfo("pipe")
    member.type = tarfile.FIFOTYPE
    assert "unsafe path 'pipe'" in failure_of(account, tar_of(member))


def test_model_archive_with_a_negative_size_fails_the_endpoint(account):
    data = whole(file("model.joblib", b"x"), header("more", size=-1024))
    assert "'more' has the size -1024" in failure_of(account, data)


def test_model_archive_without_its_last_bytes_fails_the_endpoint(account):
    data = archive({"model.joblib": os.urandom(100_000)})
    for cut in (1, 20):
        assert "is not a complete tar.gz archive" in failure_of(account, data[:-cut])


@pytest.mark.observes("not-bundle-unchecked")
def test_container_whose_source_bundle_was_changed_does_not_start(account):
    bundle = gzip.compress(gzip.decompress(archive({"serve.py": "result = 1\n"})), 0)
    uri = account.upload(f"{unique('code')}/sourcedir.tar.gz", bundle.replace(b"= 1", b"= 2"))
    environment = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": uri}
    reason = account.failure_of({"Image": IMAGE, "Environment": environment})
    assert reason.startswith(f"{uri} is not a complete tar.gz archive: CRC check failed")


@pytest.mark.parametrize("mode", ["w:", "w:bz2", "w:xz"], ids=["plain", "bzip2", "xz"])
def test_model_archive_that_is_not_gzip_fails_the_endpoint(account, mode):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        tar.addfile(tarfile.TarInfo("model.joblib"))
    assert "is not a complete tar.gz archive" in failure_of(account, buffer.getvalue())

"""Missing or unsafe model archives: the endpoint fails with a reason."""

import contextlib
import gzip
import io
import os
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.sagemaker.containers.archives import extract
from local_aws.sagemaker.errors import JobFailure
from local_aws.tests.account import IMAGE, Account, archive, unique

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
    name = account.start_endpoint({"Image": IMAGE, "ModelDataUrl": uri})
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert uri in endpoint["FailureReason"]
    account.delete_endpoint(name)
    return str(endpoint["FailureReason"])


def test_missing_model_archive_fails_the_endpoint_with_its_uri(account):
    uri = f"s3://{account.bucket}/{unique('no')}/model.tar.gz"
    name = account.start_endpoint({"Image": IMAGE, "ModelDataUrl": uri})
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


def test_model_archive_with_a_high_compression_ratio_fails_the_endpoint(account):
    reason = failure_of(account, archive({"zeros": bytes(32 * MEGABYTE)}))
    assert "unpacks to more than 100 times its size" in reason


@pytest.mark.parametrize("mode", ["w:", "w:bz2", "w:xz"], ids=["plain", "bzip2", "xz"])
def test_model_archive_that_is_not_gzip_fails_the_endpoint(account, mode):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        tar.addfile(tarfile.TarInfo("model.joblib"))
    assert "is not a complete tar.gz archive" in failure_of(account, buffer.getvalue())


def corrupt(data: bytes, place: float, byte: int) -> bytes:
    position = int(place * (len(data) - 1))
    return data[:position] + bytes([byte]) + data[position + 1 :]


@settings(max_examples=300, derandomize=True, database=None)
@given(st.floats(0, 1), st.integers(0, 255), st.booleans())
def test_model_archive_with_any_changed_byte_is_extracted_or_fails_as_a_job(place, byte, inside):
    data = archive({"model/a.bin": bytes(range(256)) * 4, "ä" * 120: "long"})
    if inside:
        data = gzip.compress(corrupt(gzip.decompress(data), place, byte))
    else:
        data = corrupt(data, place, byte)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.tar.gz")
        path.write_bytes(data)
        with contextlib.suppress(JobFailure):
            extract(path, Path(folder, "model"), "s3://bucket/model.tar.gz")

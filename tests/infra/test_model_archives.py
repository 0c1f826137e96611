"""Model archives that cannot be trusted or are not there: the endpoint fails and says why."""

import io
import os
import tarfile

import pytest

from tests.infra.account import IMAGE, Account, archive, unique

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
    """Deploy an archive that must be refused; return the reason."""
    uri = account.upload(f"{unique('model')}/model.tar.gz", data)
    name = account.start_endpoint({"Image": IMAGE, "ModelDataUrl": uri})
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert uri in endpoint["FailureReason"]
    account.delete_endpoint(name)
    return str(endpoint["FailureReason"])


def test_model_data_that_is_not_there_fails_the_endpoint_naming_it(account):
    uri = f"s3://{account.bucket}/{unique('no')}/model.tar.gz"
    name = account.start_endpoint({"Image": IMAGE, "ModelDataUrl": uri})
    endpoint = account.settled_endpoint(name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert f"Could not download {uri}" in endpoint["FailureReason"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"this is no archive",
        archive({"model.joblib": os.urandom(MEGABYTE)})[: MEGABYTE // 2],
        archive({"model.joblib": "abc" * 5000})[:40] + b"\xff" * 200,
    ],
    ids=["empty", "text", "cut short", "broken within"],
)
def test_model_archive_that_is_not_whole_fails_the_endpoint(account, data):
    assert "is not a whole tar.gz archive" in failure_of(account, data)


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


def test_model_archive_that_unpacks_to_far_more_than_its_size_fails_the_endpoint(account):
    reason = failure_of(account, archive({"zeros": bytes(32 * MEGABYTE)}))
    assert "unpacks to more than 100 times its size" in reason

"""Answers and failure reasons name a full disk, a read-only one, and too many open files."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.errors import ServiceError, ValidationError, as_service_error, local_fault
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.testing import ROOT

NO_SPACE = "The folder {} has no space left. Free some space there, or restart"
_MOUNT = (
    'mount -t tmpfs -o size=16m tmpfs "$1" && exec "$2" -m local_aws.tests.process.full_disk "$1"'
)


def can_mount() -> bool:
    """Return whether this user may mount a disk in a namespace of its own."""
    try:
        ended = subprocess.run(
            ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return ended.returncode == 0


@pytest.mark.observes("full-disk")
@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="needs user namespaces, on Linux only")
def test_full_disk_is_named_in_every_answer_and_failure_reason(tmp_path: Path):
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["unshare", "-rm", "sh", "-c", _MOUNT, "sh", str(folder), sys.executable]
    env = {**os.environ, "TMPDIR": str(folder)}
    found = json.loads(subprocess.check_output(command, cwd=ROOT, env=env))
    for name in ("object", "function"):
        assert NO_SPACE.format(folder)[:20] in found[name]["Message"], found[name]
        assert (found[name]["Status"], str(folder) in found[name]["Message"]) == (507, True)
    for name in ("job", "endpoint"):
        assert found[name].startswith(f"InternalServerError: The folder {folder}"), found[name]
        assert "has no space left" in found[name]
    assert "Traceback" not in found["log"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "has no space left"),
        (errno.EDQUOT, "quota of the folder"),
        (errno.EROFS, "is on a read-only disk"),
        (errno.EACCES, "may not write to the folder"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ENFILE, "too many open files"),
    ],
)
def test_fault_of_the_computer_is_described_with_its_folder(tmp_path: Path, number: int, text: str):
    fault = local_fault(OSError(number, os.strerror(number), str(tmp_path / "file")))
    assert text in str(fault)
    if number not in (errno.EMFILE, errno.ENFILE):
        assert f" {tmp_path} " in str(fault) or f" {tmp_path}." in str(fault)


def test_failed_write_without_a_name_is_in_the_folder_of_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        with open("/dev/full", "wb") as file:  # noqa: PTH123 - a device
            file.write(b"x")
    except OSError as error:
        assert str(local_fault(error)).startswith(NO_SPACE.format(tmp_path))
    else:
        raise AssertionError("the disk is not full")


@pytest.mark.observes("full-disk")
def test_full_disk_behind_another_error_is_what_is_reported(tmp_path: Path):
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "file"))
    for error in (ValidationError("not a zip"), JobFailure("Data download failed")):
        error.__cause__ = full
        assert failure_reason_of(error, "The job").startswith(
            f"InternalServerError: {NO_SPACE.format(tmp_path)}"
        )
        assert "has no space left" in as_service_error(error, "Lambda", "id").message


@pytest.mark.parametrize(
    "error",
    [
        ValidationError("wrong"),
        OSError(errno.ECONNRESET, "reset"),
        OSError("without a number"),
        KeyError("x"),
    ],
)
def test_other_errors_are_not_faults_of_the_computer(error: Exception):
    assert local_fault(error) is None


def test_permission_behind_another_error_is_the_error_of_a_user():
    error = ServiceError("a file of the user")
    error.__cause__ = PermissionError(errno.EACCES, "denied", "/x")
    assert local_fault(error) is None

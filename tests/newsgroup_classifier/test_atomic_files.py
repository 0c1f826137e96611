"""Files are complete or absent, and the error of a full disk names the folder."""

import errno
import os
from pathlib import Path

import pytest

from newsgroup_classifier.atomic_files import atomic_write, is_disk_error, writing_to

FULL = Path("/dev/full")  # each write to it fails as on a full disk
needs_full_device = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, on Linux only")


def test_written_file_replaces_the_old_one(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with atomic_write(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@needs_full_device
def test_full_disk_leaves_the_old_file_and_is_reported_with_its_folder(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.with_name(f"{path.name}.{os.getpid()}.part").symlink_to(FULL)
    with pytest.raises(OSError) as caught, atomic_write(path) as part:
        part.write_text("new")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path))
    assert path.read_text() == "old"


@pytest.mark.parametrize("cause", [OSError, KeyboardInterrupt])
def test_failed_or_interrupted_write_leaves_nothing_but_the_old_file(tmp_path: Path, cause: type):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(cause), atomic_write(path) as part:
        part.write_text("ne")
        raise cause
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.json": "old"}


def test_errors_name_the_file_and_not_the_temporary_one(tmp_path: Path):
    with pytest.raises(IsADirectoryError) as caught, atomic_write(tmp_path):
        pass
    assert (caught.value.filename, caught.value.strerror) == (
        str(tmp_path),
        "is a folder; expected a file",
    )
    with pytest.raises(FileNotFoundError) as missing, atomic_write(tmp_path / "b.json") as part:
        part.read_text()
    assert str(missing.value) == f"[Errno 2] No such file or directory: '{tmp_path / 'b.json'}'"


def test_other_errors_stay_as_they_are(tmp_path: Path):
    with pytest.raises(FileNotFoundError) as caught, writing_to(tmp_path):
        (tmp_path / "missing").read_text()
    assert caught.value.filename == str(tmp_path / "missing")
    assert not is_disk_error(caught.value)

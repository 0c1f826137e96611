"""The state that a local AWS keeps in its data folder: who may write it, and what is refused."""

import errno
import io
import os
import pickle
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.backends import get_backend
from werkzeug.test import Client

from local_aws.lifetime import data_folder, saving
from local_aws.lifetime.data_folder import DataFolder, DataFolderRefused
from local_aws.server import HEALTH_PATH, Application
from local_aws.settings import FunctionSettings, Settings
from local_aws.testing import ROOT, running_local_aws

STATE = "local-aws.state"
SIGNED = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request"


def write_scripts(folder: Path, code: dict[str, str]) -> Path:
    """Write the scripts that a local AWS runs at its start; return their folder."""
    scripts = folder / "scripts"
    scripts.mkdir()
    for name, text in code.items():
        (scripts / name).write_text(text, encoding="utf-8")
    return scripts


@pytest.mark.slow
@pytest.mark.observes("data-folder")
def test_scripts_run_in_a_new_folder_only_and_a_reset_is_kept(tmp_path):
    code = "import boto3; boto3.client('iam').create_user(UserName='a')"
    scripts = write_scripts(tmp_path, {"a.py": code})
    flags = ("--data-dir", str(tmp_path / "data"), "--init", str(scripts))
    users = []
    for is_reset in (False, True, False):
        with running_local_aws(*flags) as aws:
            users.append(len(aws.client("iam").list_users()["Users"]))
            if is_reset:
                aws.reset()
    assert users == [1, 1, 0]


@pytest.mark.slow
@pytest.mark.observes("data-folder")
def test_scripts_that_are_interrupted_run_again_in_the_next_run(tmp_path):
    code = {"a.sh": "kill -INT $PPID; sleep 60", "b.py": "raise SystemExit('b has run')"}
    scripts = write_scripts(tmp_path, code)
    folder = tmp_path / "data"
    assert started(folder, "--init", str(scripts)).returncode == 0
    (scripts / "a.sh").unlink()
    assert "b has run" in started(folder, "--init", str(scripts)).stderr


def write(folder: DataFolder, content: bytes) -> None:
    """Store bytes in place of pickles."""
    folder.write(lambda file: file.write(content))


def read(folder: DataFolder) -> bytes | None:
    """Return stored bytes."""
    return folder.read(lambda file: file.read())


def started(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Start a local AWS that ends by itself, and wait for its end."""
    command = [sys.executable, "-m", "local_aws", "--port", "0", "--data-dir", str(folder), *flags]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def refused(folder: Path) -> str:
    """Start a local AWS that must not start; return its error."""
    done = started(folder)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    return done.stderr.removeprefix("error: ").strip()


@pytest.mark.slow
@pytest.mark.observes("data-folder-refused")
def test_second_local_aws_in_a_folder_is_refused(tmp_path):
    with running_local_aws("--data-dir", str(tmp_path / "data")):
        message = refused(tmp_path / "data")
    assert message.startswith(f"another local AWS uses the data folder {tmp_path / 'data'}. Stop ")


def test_file_instead_of_a_folder_is_refused_as_what_it_is(tmp_path):
    path = tmp_path / "passwd"
    path.touch()
    with pytest.raises(DataFolderRefused, match=f"^{path} is a file; expected a folder"):
        DataFolder(path)


@pytest.mark.observes("data-folder-refused")
def test_folder_that_others_can_write_to_is_refused(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o777)
    assert "other users can write to it, and the state is a pickle" in refused(folder)


@pytest.mark.observes("data-folder-refused")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_state_that_others_can_write_to_is_not_read(tmp_path, mode):
    folder = DataFolder(tmp_path)
    write(folder, b"state")
    (tmp_path / STATE).chmod(mode)
    with pytest.raises(
        DataFolderRefused, match=f"^{tmp_path / STATE} belongs to another user, or "
    ):
        read(folder)


@pytest.mark.observes("data-folder-refused")
def test_state_of_another_user_is_not_read(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    folder = DataFolder(tmp_path)
    write(folder, b"state")
    os.chown(tmp_path / STATE, 65_534, -1)
    with pytest.raises(DataFolderRefused, match="belongs to another user"):
        read(folder)


@pytest.mark.observes("data-folder")
def test_state_is_readable_by_its_user_only_and_follows_no_link(tmp_path):
    victim = tmp_path / "notes.txt"
    victim.write_text("text")
    (tmp_path / f"{STATE}-new").symlink_to(victim)
    before = os.umask(0)
    try:
        write(DataFolder(tmp_path), b"state")
    finally:
        os.umask(before)
    assert (victim.read_text(), (tmp_path / STATE).is_symlink()) == ("text", False)
    assert stat.S_IMODE((tmp_path / STATE).stat().st_mode) == 0o600


@pytest.mark.observes("data-folder")
def test_state_that_cannot_be_written_whole_leaves_the_previous_one(tmp_path):
    folder = DataFolder(tmp_path)
    write(folder, b"before")

    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DataFolderRefused, match=r"No space left on device\. The state of the prev"):
        folder.write(fail)
    assert read(folder) == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["local-aws.lock", STATE]


@pytest.mark.observes("data-folder-refused")
def test_state_whose_pickles_cannot_be_loaded_is_refused_in_one_sentence(tmp_path):
    folder = DataFolder(tmp_path)
    write(folder, b"not a pickle")
    with pytest.raises(DataFolderRefused, match=r"cannot be read \(UnpicklingError.*Restore it"):
        folder.read(pickle.load)


@pytest.mark.observes("data-folder-refused")
@given(content=st.binary(max_size=200), place=st.integers(0, 400), flip=st.integers(1, 255))
def test_stored_state_is_read_back_and_any_damage_is_refused(
    tmp_path_factory, content, place, flip
):
    path = tmp_path_factory.mktemp("data")
    folder = DataFolder(path)
    assert read(folder) is None
    write(folder, content)
    assert read(folder) == content
    stored = bytearray((path / STATE).read_bytes())
    stored[place % len(stored)] ^= flip
    for damaged in (bytes(stored), bytes(stored[:-1]), b""):
        (path / STATE).write_bytes(damaged)
        with pytest.raises(DataFolderRefused, match="is damaged"):
            read(folder)


@pytest.mark.observes("data-folder-refused")
def test_state_of_another_version_is_refused_with_both_versions(tmp_path, monkeypatch):
    own = data_folder._versions()
    folder = DataFolder(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(data_folder.metadata, "version", lambda _: "0.0.1")
        write(folder, b"state")
    with pytest.raises(DataFolderRefused) as refusal:
        read(folder)
    assert "was written with local-aws 0.0.1 (state 3), moto 0.0.1, and P" in str(refusal.value)
    assert f"this is {own}. Start the local AWS with those versions, or" in str(refusal.value)
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert own.endswith(f", moto {metadata.version('moto')}, and {python}")


@pytest.mark.observes("data-folder-health")
def test_health_waits_until_all_services_are_restored(tmp_path):
    application = Application(Settings(tmp_path), FunctionSettings(), instance_cpus=1)
    application.is_ready = False
    client = Client(application)
    waiting = client.get(HEALTH_PATH, base_url="http://127.0.0.1")
    assert (waiting.status_code, waiting.text) == (503, "restoring\n")
    application.restore(application.saved())
    ready = client.get(HEALTH_PATH, base_url="http://127.0.0.1")
    assert (ready.status_code, ready.text) == (200, "ok\n")


@pytest.mark.observes("data-folder-health")
def test_every_request_is_refused_at_the_end_so_that_no_change_is_acknowledged_and_lost(tmp_path):
    application = Application(Settings(tmp_path), FunctionSettings(), instance_cpus=1)
    client = Client(application)

    class Body(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            application.is_ending = True
            return super().read(size)

        def readinto(self, buffer: Any, /) -> int:
            application.is_ending = True
            return super().readinto(buffer)

    def put(body: io.BytesIO) -> int:
        headers = {"Authorization": SIGNED}
        return client.put(
            "/bucket", base_url="http://127.0.0.1", headers=headers, input_stream=body,
            content_length=1,
        ).status_code  # fmt: skip

    assert client.get(HEALTH_PATH, base_url="http://127.0.0.1").status_code == 200
    assert put(Body(b"x")) == 503
    assert client.get(HEALTH_PATH, base_url="http://127.0.0.1").status_code == 503


def nested(depth: int) -> list[Any]:
    """Return a list in a list and so on."""
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.slow
@pytest.mark.observes("data-folder")
def test_resources_of_moto_that_are_nested_too_deeply_are_left_out_with_a_warning(
    tmp_path, caplog, monkeypatch
):
    backend = get_backend("ssm")["123456789012"]["us-east-1"]
    monkeypatch.setattr(backend, "too_deep", nested(100_000), raising=False)
    folder = DataFolder(tmp_path)
    assert saving.store(folder, lambda: "ours") is None
    assert "the resources of ssm are not kept: Could not pickle object" in caplog.text
    assert folder.read(pickle.load) == "ours"


@pytest.mark.observes("data-folder")
def test_own_state_that_is_nested_too_deeply_leaves_the_previous_one_with_a_reason(tmp_path):
    folder = DataFolder(tmp_path)
    assert saving.store(folder, lambda: "before") is None
    refusal = saving.store(folder, lambda: nested(100_000))
    assert "excessively deep recursion required. The state of the previous run" in str(refusal)
    assert folder.read(pickle.load) == "before"

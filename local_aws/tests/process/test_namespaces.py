"""Processes with their own folders, and computers that do not allow them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local_aws.processes import (
    ChildProcess,
    isolation_is_possible,
    namespaces_are_used,
    with_folder,
)
from local_aws.settings import Settings
from local_aws.tests.account import eventually

SETTINGS = Settings(Path("/nowhere"))

pytestmark = pytest.mark.skipif(not namespaces_are_used(SETTINGS), reason="needs mount namespaces")


def run(command: list[str], *before: str) -> str:
    done = subprocess.run([*before, *command], capture_output=True, text=True, check=True)
    return done.stdout


def test_folder_is_at_the_path_for_the_process_and_its_children_only(tmp_path):
    script = "echo text > /opt/ml/file; sh -c 'cat /opt/ml/file'; ls /opt"
    command = with_folder(["/bin/sh", "-c", script], tmp_path, "/opt/ml")
    before = sorted(path.name for path in Path("/opt").iterdir())
    first, *entries = run(command).split()
    assert first == "text"
    assert entries == sorted({*before, "ml"})
    assert (tmp_path / "file").read_text() == "text\n"
    assert sorted(path.name for path in Path("/opt").iterdir()) == before


def test_user_without_the_permission_to_mount_uses_a_user_namespace(tmp_path):
    script = "echo text > /opt/ml/file; id -u; readlink /proc/self/ns/user"
    command = with_folder(["/bin/sh", "-c", script], tmp_path, "/opt/ml")
    without: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv") or pytest.skip("needs setpriv of util-linux")
        without = [setpriv, "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    try:
        user, namespace = run(command, *without).split()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the computer has no user namespaces: {error.stderr}")
    assert int(user) == os.geteuid()
    assert namespace != str(Path("/proc/self/ns/user").readlink())
    file = tmp_path / "file"
    assert (file.read_text(), file.stat().st_uid) == ("text\n", os.geteuid())


ISOLATED = """
import pathlib, socket, sys
pathlib.Path("/opt/ml/names").write_text(" ".join(name for _, name in socket.if_nameindex()))
own = socket.create_server(("127.0.0.1", 0))
socket.create_connection(own.getsockname(), timeout=5).close()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
except OSError as error:
    print(type(error).__name__)
"""


@pytest.mark.skipif(not isolation_is_possible(SETTINGS), reason="needs network namespaces")
def test_isolated_process_has_its_own_loopback_interface_and_no_other(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        inner = [sys.executable, "-c", ISOLATED, port]
        assert run(with_folder(inner, tmp_path, "/opt/ml", has_network=False)) == (
            "ConnectionRefusedError\n"
        )
        assert run(with_folder(inner, tmp_path, "/opt/ml")) == ""
    assert "lo" in (tmp_path / "names").read_text().split()


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_process_with_its_own_folder_is_stopped_with_its_group(tmp_path):
    script = "trap 'echo stopping; exit 3' TERM; sleep 100 & echo $!; wait"
    command = with_folder(["/bin/sh", "-c", script], tmp_path, "/opt/ml")
    lines: list[str] = []
    process = ChildProcess(command, {"PATH": os.defpath}, tmp_path, lines.append)
    while not lines:
        time.sleep(0.01)
    process.stop()
    assert (process.poll(), lines[1:]) == (3, ["stopping"])
    eventually(lambda: not is_running(int(lines[0])))


def test_namespaces_can_be_turned_off():
    assert not namespaces_are_used(Settings(Path("/nowhere"), namespaces=False))


def test_computer_that_refuses_namespaces_is_noticed_and_logged(tmp_path):
    """A limit of no namespaces refuses them, as a container does."""
    script = """
import pathlib
from local_aws.processes import namespaces_are_used
from local_aws.settings import Settings
for kind in ("mnt", "user"):
    pathlib.Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")
print(namespaces_are_used(Settings(pathlib.Path("/nowhere"))))
"""
    unshare = shutil.which("unshare") or pytest.skip("needs unshare of util-linux")
    command = [unshare, "--user", "--map-root-user", "--mount", sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "False" not in done.stdout and "unshare" in done.stderr:
        pytest.skip(f"the computer has no user namespaces: {done.stderr}")
    assert done.stdout == "False\n", done.stderr
    assert "no mount namespaces for the local AWS" in done.stderr
    assert "No space left on device" in done.stderr

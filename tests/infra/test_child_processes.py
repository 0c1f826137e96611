"""Child processes: every line is read, and whoever is asked to end has time to."""

import logging
import sys

from infra.local_aws.processes import ChildProcess
from tests.infra.account import eventually

# What AWS's launcher for TensorFlow is: it reads its script's output, and ends at once at SIGTERM.
LAUNCHER = """
import subprocess, sys
out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
script = subprocess.Popen([sys.executable, "-c", sys.argv[1]], **out)
for line in script.stdout:
    print(line.decode(), end="", flush=True)
"""
SAVES = """
import pathlib, signal, sys, time
def on_term(number, frame):
    time.sleep(1)
    pathlib.Path("model").write_text("saved")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
time.sleep(600)
"""
MUCH = "for number in range(50_000): print('line', number)"


def test_child_whose_reader_raises_goes_on_to_its_last_line(tmp_path, caplog):
    read: list[str] = []

    def on_line(line: str) -> None:
        if line.endswith("7"):
            raise TypeError("no such line, please")
        read.append(line)

    with caplog.at_level(logging.CRITICAL):  # five thousand tracebacks are enough to count on
        process = ChildProcess([sys.executable, "-c", MUCH], {}, tmp_path, on_line)
        assert process.wait(60) == 0
    assert read[-1] == "line 49999"
    assert len(read) == 45_000


def test_child_whose_reader_raises_has_it_logged(tmp_path, caplog):
    def on_line(line: str) -> None:
        raise ValueError(f"cannot read {line}")

    process = ChildProcess([sys.executable, "-c", "print('this')"], {}, tmp_path, on_line)
    assert process.wait(60) == 0
    assert "ValueError: cannot read this" in caplog.text


def test_child_whose_launcher_ends_first_lets_its_script_save_within_the_grace(tmp_path):
    read: list[str] = []
    command = [sys.executable, "-c", LAUNCHER, SAVES]
    process = ChildProcess(command, {}, tmp_path, read.append)
    eventually(lambda: read == ["waiting"])
    process.stop(grace=60)
    assert (tmp_path / "model").read_text() == "saved"

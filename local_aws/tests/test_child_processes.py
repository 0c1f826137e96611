"""A child process whose reader stumbles over a line is read to its end all the same."""

import logging
import sys

from local_aws.processes import ChildProcess

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

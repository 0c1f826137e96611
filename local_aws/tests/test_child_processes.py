"""The output of a child process is read to its end even if its reader raises."""

import logging
import sys

from local_aws.processes import ChildProcess

MUCH = "for number in range(50_000): print('line', number)"


def test_child_whose_reader_raises_is_read_to_its_last_line(tmp_path, caplog):
    lines: list[str] = []

    def on_line(line: str) -> None:
        if line.endswith("7"):
            raise TypeError("not this line")
        lines.append(line)

    with caplog.at_level(logging.CRITICAL):  # without five thousand tracebacks
        process = ChildProcess([sys.executable, "-c", MUCH], {}, tmp_path, on_line)
        assert process.wait(60) == 0
    assert lines[-1] == "line 49999"
    assert len(lines) == 45_000


def test_exception_of_a_reader_is_logged(tmp_path, caplog):
    def on_line(line: str) -> None:
        raise ValueError(f"cannot read {line}")

    process = ChildProcess([sys.executable, "-c", "print('this')"], {}, tmp_path, on_line)
    assert process.wait(60) == 0
    assert "ValueError: cannot read this" in caplog.text

"""Every line of a log stream is stored, in order, and as long as the stream exists."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.logs.models import logs_backends

from local_aws import logs
from local_aws.logs import LogStream
from local_aws.settings import ACCOUNT_ID
from local_aws.testing import REGION
from local_aws.tests.account import unique

BACKEND = logs_backends[ACCOUNT_ID][REGION]


@pytest.fixture
def stream() -> LogStream:
    """Start a stream in its own group."""
    return LogStream(REGION, unique("/group"), "stream")


def lines_of(stream: LogStream) -> list[str]:
    return [event.message for event in BACKEND.groups[stream.group].streams["stream"].events]


def test_lines_of_several_threads_keep_the_order_of_each(stream):
    def write(thread: int) -> None:
        for number in range(500):
            stream.write(f"{thread} {number}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    lines = lines_of(stream)
    for thread in range(4):
        expected = [f"{thread} {number}" for number in range(500)]
        assert [line for line in lines if line.startswith(f"{thread} ")] == expected
    assert list(stream.last_lines) == lines[-20:]


@pytest.mark.parametrize("letter", ["x", "é", "\N{SNOWMAN}", "\U0001f600", "\ud800"])
@pytest.mark.parametrize("size", [262_118, 262_119, 1_000_003])
def test_line_longer_than_an_event_is_divided_between_characters(stream, letter, size):
    line = "a" + letter * (size // len(letter.encode("utf-8", "replace")))
    stream.write(line)
    pieces = lines_of(stream)
    assert "".join(pieces) == line.encode("utf-8", "replace").decode()
    sizes = [len(piece.encode()) for piece in pieces]
    assert max(sizes) <= 262_118
    assert all(262_118 - size < 4 for size in sizes[:-1])


def test_lines_after_a_deletion_are_dropped_and_those_of_later_are_in_a_new_stream(
    stream, caplog, monkeypatch
):
    BACKEND.delete_log_group(stream.group)
    stream.write("of a process that stops")
    assert stream.group not in BACKEND.groups
    monkeypatch.setattr(logs, "_DROP_SECONDS", 0.0)
    stream.write("of one that continues")
    stream.write("")
    assert lines_of(stream) == ["of one that continues"]
    assert caplog.text == ""


def test_line_that_cannot_be_stored_is_reported_in_the_log(stream, caplog, monkeypatch):
    monkeypatch.setattr(logs, "logs_backends", {})
    stream.write("never stored")
    assert f"a line of {stream.group} was lost" in caplog.text

"""Training programs end with exit code 0, or with 1 and an error message on one line."""

import errno
import os
from pathlib import Path

import pytest

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.training.program import run_program


@pytest.fixture
def environ(tmp_path):
    """Return variables with an output folder that does not exist yet."""
    return {"SM_OUTPUT_DATA_DIR": str(tmp_path / "output" / "data")}


@pytest.fixture
def failure(tmp_path):
    """Return the path of the failure file."""
    return tmp_path / "output" / "failure"


def raising(error):
    def work():
        raise error

    return work


def test_run_program_without_errors_returns_0_and_writes_no_failure_file(environ, failure):
    assert run_program(lambda: None, environ) == 0
    assert not failure.exists()


def test_run_program_with_a_project_error_writes_its_message(environ, failure, capsys):
    assert run_program(raising(DataError("train.csv is empty.")), environ) == 1
    assert failure.read_text() == "train.csv is empty", "SageMaker adds: , exit code: 1"
    assert capsys.readouterr().err == "error: train.csv is empty.\n"


def test_run_program_with_an_error_of_many_lines_writes_one_line(environ, failure):
    run_program(raising(DataError("one\n  two\r\n\tthree")), environ)
    assert failure.read_text() == "one two three"


def test_run_program_with_an_unexpected_error_names_it_and_prints_the_traceback(
    environ, failure, capsys
):
    assert run_program(raising(KeyError("label")), environ) == 1
    assert failure.read_text() == "internal error: KeyError: 'label'"
    assert "Traceback" in capsys.readouterr().err


def test_run_program_out_of_memory_suggests_a_larger_instance(environ, failure):
    assert run_program(raising(MemoryError()), environ) == 1
    assert "too little memory" in failure.read_text()
    assert "Use a larger one" in failure.read_text()


def test_run_program_on_a_full_disk_names_the_place_without_a_traceback(environ, failure, capsys):
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/opt/ml/model")
    assert run_program(raising(error), environ) == 1
    expected = "/opt/ml/model cannot be written (No space left on device). Use a writable disk with"
    assert failure.read_text() == f"{expected} free space"
    assert capsys.readouterr().err == f"error: {expected} free space.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, on Linux only")
def test_run_program_without_space_for_the_failure_file_prints_the_reason(environ, failure, capsys):
    failure.parent.mkdir()
    failure.with_name(f"{failure.name}.{os.getpid()}.part").symlink_to("/dev/full")
    assert run_program(raising(DataError("it is broken.")), environ) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == "error: it is broken."
    assert second.startswith(
        f"error: no failure file: {failure.parent} cannot be written (No space"
    )
    assert list(failure.parent.iterdir()) == []


def test_run_program_writes_the_complete_failure_file_and_no_other(environ, failure):
    reason = "é" * 5000
    run_program(raising(DataError(reason)), environ)
    assert failure.read_text(encoding="utf-8") == reason
    assert [path.name for path in failure.parent.iterdir()] == ["failure"]


def test_run_program_replaces_an_older_failure_file(environ, failure):
    failure.parent.mkdir()
    failure.write_text("an older and longer reason")
    run_program(raising(DataError("newer")), environ)
    assert failure.read_text() == "newer"


def test_run_program_with_an_error_that_is_not_valid_unicode_escapes_it(environ, failure):
    assert run_program(raising(DataError("unknown name \udcff")), environ) == 1
    assert failure.read_text() == "unknown name \\udcff"


def test_run_program_when_interrupted_writes_no_failure_file(environ, failure):
    with pytest.raises(KeyboardInterrupt):
        run_program(raising(KeyboardInterrupt()), environ)
    assert not failure.exists()


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("could not convert string to float: 'Mrs. Smith'"), "to float: '...'"),
        (ValueError(f"bad {'Mrs. Smith is here'!r:.8}"), "ValueError: bad '...'"),
        (
            ValueError("y has np.str_('it\\'s \"Mrs. Smith\"') and \"Mrs. Smith's\""),
            "np.str_('...') and",
        ),
        (
            UnicodeDecodeError("utf-8", b"Mrs. Smith\xff", 10, 11, "invalid"),
            "byte 0xff in position",
        ),
        (KeyError("n_estimators"), "KeyError: 'n_estimators'"),
        (ValueError("it can't be empty, and doesn't"), "it can't be empty, and doesn't"),
    ],
)
def test_run_program_with_an_unexpected_error_does_not_show_quoted_texts(
    environ, failure, capsys, error, shown
):
    def work():
        try:
            raise ValueError("the first 'Mrs. Smith'")
        except ValueError:
            raise error from None

    run_program(work, environ)
    log = capsys.readouterr().err
    assert shown in failure.read_text()
    assert shown in log
    assert ", in work" in log, "the place is shown"
    assert "Smith" not in failure.read_text()


def test_run_program_with_an_error_that_has_a_cause_shows_both_places(environ, failure, capsys):
    text = "Mrs. Smith said"

    def first():
        raise ValueError(f"the value is {text!r}")

    def work():
        try:
            first()
        except ValueError as error:
            raise RuntimeError("no model") from error

    run_program(work, environ)
    log = capsys.readouterr().err
    assert [", in first" in log, ", in work" in log, "Smith" in log] == [True, True, False]
    assert failure.read_text() == "internal error: RuntimeError: no model"

"""Run a training program, which ends with exit code 0, or with 1 and an error message.

SageMaker shows the first 1,024 characters of the failure file as the job's FailureReason. The
toolkit writes one without the reason unless the file already exists.
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping

from newsgroup_classifier.atomic_files import atomic_write, is_disk_error
from newsgroup_classifier.errors import ProjectError, without_texts
from newsgroup_classifier.training.environment import training_paths

_FRAME = re.compile(r'File "[^"]*", line [0-9]+, in \S+')


def run_program(work: Callable[[], None], environ: Mapping[str, str]) -> int:
    """Run the work; return 0, or 1 after writing the reason to stderr and to the failure file."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        work()
    except ProjectError as error:
        reason = str(error)
    except MemoryError:
        reason = "the instance has too little memory for this training job. Use a larger one."
    except Exception as error:
        if isinstance(error, OSError) and is_disk_error(error):
            reason = _disk_reason(error)
        else:
            print("".join(_traceback(error)), file=sys.stderr)
            reason = f"internal error: {_described(error)}"
    else:
        return 0
    report_failure(reason, environ)
    return 1


def _disk_reason(error: OSError) -> str:
    """Return the reason of a failure to write to a disk that is full or read-only."""
    where = error.filename or "a folder of the job"
    return f"{where} cannot be written ({error.strerror}). Use a writable disk with free space."


def _traceback(error: BaseException) -> Iterator[str]:
    """Yield the frames and the description of an error and of the errors that caused it."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _traceback(cause)
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_described(error)}\n"


def _described(error: BaseException) -> str:
    """Return the type and message of an error without texts."""
    name = type(error).__name__
    if name == "_RemoteTraceback":  # the traceback in a worker process of joblib, as a message
        return "\n".join([name, *_FRAME.findall(str(error))])
    return without_texts(error)


def report_failure(reason: str, environ: Mapping[str, str]) -> None:
    """Write the reason of a failure to stderr and to the failure file."""
    message = " ".join(reason.split())
    print(f"error: {message}", file=sys.stderr, flush=True)
    text = message.removesuffix(".")  # SageMaker appends ", exit code: 1"
    try:
        with atomic_write(training_paths(environ).failure) as part:
            part.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        if not is_disk_error(error):
            raise
        print(f"error: no failure file: {_disk_reason(error)}", file=sys.stderr, flush=True)

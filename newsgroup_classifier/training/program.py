"""Run a training program, which ends with exit code 0, or with 1 and an error message.

SageMaker shows the first 1,024 characters of the failure file as the job's FailureReason. The
toolkit writes one without the reason unless the file already exists.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Mapping

from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.training.environment import training_paths


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
        traceback.print_exc()
        reason = f"internal error: {type(error).__name__}: {error}"
    else:
        return 0
    report_failure(reason, environ)
    return 1


def report_failure(reason: str, environ: Mapping[str, str]) -> None:
    """Write the reason of a failure to stderr and to the failure file."""
    message = " ".join(reason.split())
    print(f"error: {message}", file=sys.stderr, flush=True)
    with atomic_write(training_paths(environ).failure) as part:
        # SageMaker appends ", exit code: 1".
        text = message.removesuffix(".")
        part.write_text(text, encoding="utf-8", errors="backslashreplace")

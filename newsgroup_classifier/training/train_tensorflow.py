"""Train a TensorFlow recipe: the entry point of SageMaker's TensorFlow container.

On a laptop, with channels in ./data/train and ./data/test:

    python -m newsgroup_classifier.training.train_tensorflow --recipe digits-cnn
"""

import os
import sys
from pathlib import Path

_SOURCES = Path(__file__).resolve().parents[2]
if not __package__:
    # Run as a file by a launcher: replace this file's folder by the root of the bundle.
    sys.path[0] = str(_SOURCES)

from newsgroup_classifier.training.arguments import parse_args, usage  # noqa: E402
from newsgroup_classifier.training.program import run_program  # noqa: E402


def _work(argv: list[str]) -> None:
    if text := usage("train_tensorflow", "tensorflow", argv, os.environ):
        print(text)
        return
    arguments = parse_args(argv, os.environ)
    # TensorFlow reads this when it is imported, which takes seconds; wrong flags fail before.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from newsgroup_classifier.training.keras.job import run_job

    run_job(arguments, os.environ, _SOURCES)


def main(argv: list[str] | None = None) -> int:
    """Train with the options of the command line; return the exit code."""
    return run_program(lambda: _work(sys.argv[1:] if argv is None else argv), os.environ)


if __name__ == "__main__":
    sys.exit(main())

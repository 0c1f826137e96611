"""Train a scikit-learn recipe: the entry point of SageMaker's scikit-learn container.

On a laptop, with channels in ./data/train and ./data/test:

    python -m newsgroup_classifier.training.train_sklearn --recipe newsgroups-naive-bayes
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
from newsgroup_classifier.training.scikit_learn.fit_errors import own_errors  # noqa: E402
from newsgroup_classifier.training.scikit_learn.job import run_job  # noqa: E402


def _work(argv: list[str]) -> None:
    if text := usage("train_sklearn", "scikit-learn", argv, os.environ):
        print(text)
    else:
        arguments = parse_args(argv, os.environ)
        with own_errors(arguments.recipe):
            run_job(arguments, _SOURCES)


def main(argv: list[str] | None = None) -> int:
    """Train with the options of the command line; return the exit code."""
    return run_program(lambda: _work(sys.argv[1:] if argv is None else argv), os.environ)


if __name__ == "__main__":
    sys.exit(main())

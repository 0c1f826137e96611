"""Run commands in forks of one process that has imported the packages that most of them need.

Each command still has its own process, with its own environment, files, and exit code, but it
starts in a third of the processor time. What a command imports and when is tested with new
interpreters (test_main, test_help), and so are signals (Watched).
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_aws.testing import ROOT

_FORKS = multiprocessing.get_context("forkserver")
# Not pandas: it imports pyarrow, whose allocator starts a thread, and a fork has no other threads.
_FORKS.set_forkserver_preload(
    [
        *("boto3", "botocore.httpsession", "s3transfer.manager", "tests.scripts.forks"),
        *("newsgroup_classifier.recipes.catalogue", "scripts.account.registry"),
        *("scripts.endpoints.release", "scripts.functions.release", "scripts.jobs.training_plans"),
        *("numpy", "tests.fork_models"),
    ]
)


def run_forked(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run the module of a command until it ends, with only these environment variables."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("stdin", "stdout", "stderr")]
        files[0].write_text(stdin, encoding="utf-8")
        work = (module, arguments, dict(environment), files)
        fork = _FORKS.Process(target=_run, args=work, daemon=True)
        fork.start()
        fork.join()
        assert fork.exitcode is not None
        out, err = (file.read_text(encoding="utf-8") for file in files[1:])
    return subprocess.CompletedProcess([module, *arguments], fork.exitcode, out, err)


def _run(
    module: str, arguments: Sequence[str], environment: dict[str, str], files: Sequence[Path]
) -> None:
    """Become `python -m MODULE` with these files as its standard streams."""
    for number, (file, mode) in enumerate(zip(files, ("rb", "wb", "wb"), strict=True)):
        with file.open(mode) as opened:
            os.dup2(opened.fileno(), number)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["-m", *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)

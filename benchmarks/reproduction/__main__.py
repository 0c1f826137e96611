"""Measure every figure of the documents, and write the page of results: `make results`.

    DATASETS_DIR=<folder> python -m benchmarks.reproduction [--list] [--again] [step ...]

It takes about three hours on two cores, and steps that state times need a machine that does nothing
else. An interrupted run continues where it stopped, and on another machine with the step that was
interrupted. `--again` forgets what was measured, so that all steps, or the named ones, are measured
again. The figures are in benchmarks/, and benchmarks/reproduction/ledger.json says when and where
each was measured.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence

import psutil

from benchmarks.reproduction.ledger import Ledger
from benchmarks.reproduction.page import LEDGER, PAGE, render_page
from benchmarks.reproduction.statements import missing_statements
from benchmarks.reproduction.steps import ROOT, STEPS, Step

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps that are left; return the exit code."""
    arguments = _parse(argv)
    ledger = Ledger.read(LEDGER)
    if arguments.list:
        print(_overview(ledger))
        return 0
    selection = [step for step in STEPS if step.name in arguments.steps or not arguments.steps]
    left = [step for step in selection if arguments.again or not ledger.is_done(step.name)]
    if "DATASETS_DIR" not in os.environ:
        message = "DATASETS_DIR is not set; set it, because only real data is measured"
        print(f"error: {message}", file=sys.stderr)
        return 1
    if arguments.again:
        ledger.forget(step.name for step in left)
    try:
        for number, step in enumerate(left, 1):
            print(f"[{number}/{len(left)}] {step.name}, about {step.minutes} minutes", flush=True)
            run_step(step, ledger)
    except KeyboardInterrupt:
        print("stopped; run it again to continue", file=sys.stderr)
        return _INTERRUPTED
    except subprocess.CalledProcessError as error:
        print(
            f"error: {step.name} ended with exit code {error.returncode}. Correct what its last "
            "lines say, and run this again to continue.",
            file=sys.stderr,
        )
        return 1
    PAGE.write_text(render_page(), encoding="utf-8")
    missing = missing_statements()
    for document, text in missing:
        print(f"{document} should say: {text}", file=sys.stderr)
    return 1 if missing else 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reproduction", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("steps", nargs="*", metavar="step", help="only these steps; see --list")
    parser.add_argument("--list", action="store_true", help="list the steps, and when they ran")
    parser.add_argument("--again", action="store_true", help="measure steps again that are done")
    arguments = parser.parse_args(argv)
    names = [step.name for step in STEPS]
    for name in arguments.steps:
        if name not in names:
            parser.error(f"{name!r} is not a step; expected any of {', '.join(names)}")
    return arguments


def _overview(ledger: Ledger) -> str:
    """Return a line per step: when it was measured in this run."""
    width = max(len(step.name) for step in STEPS)
    states = {name: entry.ended or "began" for name, entry in ledger.steps.items()}
    return "\n".join(f"{step.name:{width}}  {states.get(step.name, '-')}" for step in STEPS)


def run_step(step: Step, ledger: Ledger) -> None:
    """Run the command of a step; raise CalledProcessError if it fails.

    The rows of an earlier run or of another machine are removed, and kept when the step resumes.
    """
    if not ledger.begin(step.name) and step.stored is not None:
        step.stored.unlink(missing_ok=True)
    began, busy, used = time.monotonic(), _busy_seconds(), _used_seconds()
    done = False
    try:
        subprocess.run(step.command, cwd=ROOT, check=True)
        done = True
    finally:
        seconds = time.monotonic() - began
        others = (_busy_seconds() - busy) - (_used_seconds() - used)
        ledger.add(step.name, seconds, max(0.0, others / seconds), done)


def _busy_seconds() -> float:
    """Return the CPU seconds of all programs since the machine started."""
    times = psutil.cpu_times()
    # Linux counts programs with a lower priority separately.
    return float(times.user + getattr(times, "nice", 0.0) + times.system)


def _used_seconds() -> float:
    """Return the CPU seconds of the steps' processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())

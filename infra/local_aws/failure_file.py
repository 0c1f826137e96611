"""What a training job says of its own failure: /opt/ml/output/failure, and its exit code."""

from pathlib import Path

_SHOWN = 990  # characters of the file, so that the exit code after it is shown too


def own_sentence(ml: Path) -> str:
    """Return what the job wrote into its failure file, or an empty text."""
    path = ml / "output" / "failure"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_SHOWN).strip()


def failure_reason(ml: Path, code: int) -> str:
    """Return the FailureReason of a job whose process ended with an exit code (not 0)."""
    reason = own_sentence(ml)
    if code < 0:
        reason = reason or f"the process was killed by signal {-code}"
    return f"AlgorithmError: {reason}, exit code: {code}"

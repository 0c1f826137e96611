"""The FailureReason of a training job: its file /opt/ml/output/failure, and its exit code."""

from collections.abc import Mapping
from pathlib import Path

_LENGTH = 990  # characters of the file, which leaves room for the exit code


def read_failure_file(ml: Path, length: int = _LENGTH) -> str:
    """Return the start of the failure file, or an empty string without one."""
    path = ml / "output" / "failure"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(length).strip()


def failure_reason(failures: Mapping[str, tuple[Path, int]], several: bool) -> str:
    """Return the FailureReason of a job from the /opt/ml and the exit code of each failed host.

    With several instances, the reason names the failed hosts, killed ones first: the others may
    have failed only because those were gone.
    """
    length = _LENGTH // len(failures)
    texts = {host: _text(ml, code, length) for host, (ml, code) in failures.items()}
    if not several:
        return "AlgorithmError: " + "; ".join(texts.values())
    hosts = sorted(texts, key=lambda host: "killed by signal" not in texts[host])
    return "AlgorithmError: " + "; ".join(f"{host}: {texts[host]}" for host in hosts)


def _text(ml: Path, code: int, length: int) -> str:
    ending = f", exit code: {code}"
    reason = read_failure_file(ml, length - len(ending))
    if code < 0:
        reason = reason or f"the process was killed by signal {-code}"
    return reason + ending

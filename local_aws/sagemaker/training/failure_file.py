"""What a training job says of its own failure: /opt/ml/output/failure, and its exit code."""

from collections.abc import Mapping
from pathlib import Path

_SHOWN = 990  # characters of the file, so that the exit code after it is shown too


def own_sentence(ml: Path, shown: int = _SHOWN) -> str:
    """Return what the job wrote into its failure file, or an empty text."""
    path = ml / "output" / "failure"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(shown).strip()


def failure_reason(falls: Mapping[str, tuple[Path, int]], several: bool) -> str:
    """Return the FailureReason of a job some of whose processes ended with an exit code (not 0).

    Each fall is of a host: its /opt/ml and the exit code. Of several hosts the reason names those
    that fell, a killed one first: the others may have fallen for the want of it.
    """
    shown = _SHOWN // len(falls)
    texts = {host: _text(ml, code, shown) for host, (ml, code) in falls.items()}
    if not several:
        return "AlgorithmError: " + "; ".join(texts.values())
    hosts = sorted(texts, key=lambda host: "killed by signal" not in texts[host])
    return "AlgorithmError: " + "; ".join(f"{host}: {texts[host]}" for host in hosts)


def _text(ml: Path, code: int, shown: int) -> str:
    ending = f", exit code: {code}"
    reason = own_sentence(ml, shown - len(ending))
    if code < 0:
        reason = reason or f"the process was killed by signal {-code}"
    return reason + ending

"""Compare cold start, warm calls and memory of our Lambda function with the baseline's."""

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measure import figures, spread
from benchmarks.serving.functions import (
    JOBS,
    Functions,
    Pair,
    event,
    functions,
    functions_for_posts,
    labels,
)
from local_aws.awslambda.environment import ExecutionEnvironment, Program, Result

_STARTS = 7
_ROUNDS, _CALLS = 5, 40  # with one text
_MANY, _MANY_CALLS = 100, 4
_BASELINE = "scikit-learn, NLTK, pandas and pickles"
_EMPTY = "an empty handler that imports numpy"
_DATA, _POSTS = "Spooky authors", "20 Newsgroups (bydate)"


def rows() -> list[dict[str, Any]]:
    """Return the rows of start, memory, package and warm calls for the preset `tuned`.

    The warm calls for the preset `tutorial`, which has fifty topics, follow.
    """
    with functions("tuned") as tuned:
        results = [*_starts(tuned), _package(tuned), *_warm(tuned)]
    with functions("tutorial") as tutorial:
        return results + _warm(tutorial)


def rows_for_posts() -> list[dict[str, Any]]:
    """Return the rows of start and warm calls with a model of newsgroup posts of 10 MB."""
    with functions_for_posts() as lambdas:
        return _compared_with_empty(lambdas)


def _starts(lambdas: Functions) -> list[dict[str, Any]]:
    """Start each function several times, in turns, and send it one text."""
    programs = {"ours": lambdas.ours, "empty": lambdas.empty, "baseline": lambdas.baseline}
    seconds, resident = _started(lambdas, programs)
    cold = {
        other: spread([a / b for a, b in zip(seconds[other], seconds["ours"], strict=True)])
        for other in ("baseline", "empty")
    }
    ours = _milliseconds(seconds["ours"])
    memory = {name: statistics.median(values) for name, values in resident.items()}
    ratio = spread([memory["baseline"] / memory["ours"]])
    return [
        _row("cold start and one text, model from S3", _BASELINE, cold["baseline"],
             _milliseconds(seconds["baseline"]), ours),
        _row("cold start and one text, model from S3", _EMPTY,
             cold["empty"], _milliseconds(seconds["empty"]), ours),
        _row("resident memory after one text", _BASELINE, ratio,
             _megabytes(memory["baseline"]), _megabytes(memory["ours"])),
    ]  # fmt: skip


def _started(
    lambdas: Pair, programs: Mapping[str, Program]
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Return the seconds and the peak bytes of several starts of each function, in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    resident: dict[str, list[int]] = {name: [] for name in programs}
    for number in range(-1, _STARTS):  # the first start fills the machine's caches
        for name, program in programs.items():
            result = _start(lambdas, program, f"{name}{number}")
            if number >= 0:
                seconds[name].append((result.init_seconds or 0.0) + result.duration_seconds)
                resident[name].append(result.peak_bytes)
    return seconds, resident


def _compared_with_empty(lambdas: Pair) -> list[dict[str, Any]]:
    """Start both functions, and send them warm the same posts, one per call."""
    programs = {"ours": lambdas.ours, "empty": lambdas.empty}
    cold, _ = _started(lambdas, programs)
    warm: dict[str, list[float]] = {name: [] for name in programs}
    ratios = []
    with (
        lambdas.start(lambdas.ours, "warm-ours") as ours,
        lambdas.start(lambdas.empty, "warm-empty") as empty,
    ):
        for start in range(0, (_ROUNDS + 1) * _CALLS, _CALLS):
            posts = [[post] for post in lambdas.texts[start:][:_CALLS]]
            warm["ours"], _ = _invoke(ours, posts)
            warm["empty"] = [_seconds(empty, event(post)) for post in posts]
            if start:  # the first round warms up
                ratios.append(statistics.median(warm["empty"]) / statistics.median(warm["ours"]))
    starts = [a / b for a, b in zip(cold["empty"], cold["ours"], strict=True)]
    return [
        _row(f"{what}", _EMPTY, spread(taken),
             _milliseconds(seconds["empty"]), _milliseconds(seconds["ours"]), _POSTS)
        for what, taken, seconds in (
            ("cold start and one post, model from S3", starts, cold),
            ("one post, warm", ratios, warm),
        )
    ]  # fmt: skip


def _start(lambdas: Pair, program: Program, name: str) -> Result:
    with lambdas.start(program, name) as environment:
        return environment.invoke(event(lambdas.texts[:1]))


def _warm(lambdas: Functions) -> list[dict[str, Any]]:
    """Send both warm functions the same texts; their labels must be the same."""
    one = [[text] for text in lambdas.texts[: _ROUNDS * _CALLS]]
    many = [
        lambdas.texts[start:][:_MANY] for start in range(0, _ROUNDS * _MANY_CALLS * _MANY, _MANY)
    ]
    with (
        lambdas.start(lambdas.ours, "warm-ours") as ours,
        lambdas.start(lambdas.baseline, "warm") as baseline,
    ):
        pair = (ours, baseline)
        jobs = JOBS[lambdas.preset]
        as_written = f", preset {lambdas.preset}" + (f", n_jobs={jobs}" if jobs else "")
        for environment in pair:
            _invoke(environment, one[:20])
        return [
            _compared(f"one text, warm{as_written}", pair, one, _CALLS),
            _compared(f"{_MANY} texts per call, warm{as_written}", pair, many, _MANY_CALLS),
        ]


def _compared(
    what: str,
    pair: tuple[ExecutionEnvironment, ExecutionEnvironment],
    requests: Sequence[list[str]],
    calls: int,
) -> dict[str, Any]:
    ratios, seconds = [], ([], [])  # type: ignore[var-annotated]
    for start in range(0, len(requests), calls):
        block = requests[start:][:calls]
        taken = [_invoke(environment, block) for environment in pair]
        if taken[0][1] != taken[1][1]:
            raise AssertionError("the two functions do not return the same labels")
        ratios.append(statistics.median(taken[1][0]) / statistics.median(taken[0][0]))
        for side in (0, 1):
            seconds[side].extend(taken[side][0])
    return _row(
        what, _BASELINE, spread(ratios), _milliseconds(seconds[1]), _milliseconds(seconds[0])
    )


def _invoke(
    environment: ExecutionEnvironment, requests: Sequence[list[str]]
) -> tuple[list[float], list[list[str]]]:
    """Return the seconds and the labels of each request."""
    seconds, results = [], []
    for texts in requests:
        payload = event(texts)
        began = time.perf_counter()
        result = environment.invoke(payload)
        seconds.append(time.perf_counter() - began)
        results.append(labels(result))
    return seconds, results


def _seconds(environment: ExecutionEnvironment, payload: bytes) -> float:
    began = time.perf_counter()
    environment.invoke(payload)
    return time.perf_counter() - began


def _package(lambdas: Functions) -> dict[str, Any]:
    ours, baseline = lambdas.bytes_unpacked
    return _row(
        "package, unpacked",
        _BASELINE,
        spread([baseline / ours]),
        _megabytes(baseline),
        _megabytes(ours),
    )


def _row(  # noqa: PLR0913
    what: str, against: str, taken: Any, theirs: str, ours: str, data: str = _DATA
) -> dict[str, Any]:
    about = {"measurement": f"Lambda: {what}", "compared with": against, "data": data}
    return about | figures(taken) | {"baseline": theirs, "this project": ours}


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"median {statistics.median(seconds) * 1e3:.1f} ms"


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.0f} MB"

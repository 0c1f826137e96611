"""Compare cold start, warm calls and memory of our Lambda function with the baseline's."""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.measure import row, spread, timed
from benchmarks.serving.functions import (
    JOBS,
    Functions,
    Pair,
    event,
    functions,
    functions_for_posts,
    labels,
)
from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program, Result

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
        package = _sizes("package, unpacked", *tuned.bytes_unpacked)
        results = [*_starts(tuned), package, *_warm(tuned)]
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
    ours, what = seconds["ours"], "cold start and one text, model from S3"
    return [
        *(
            _times(what, against, _quotients(seconds[other], ours), (seconds[other], ours))
            for against, other in ((_BASELINE, "baseline"), (_EMPTY, "empty"))
        ),
        _sizes(
            "resident memory after one text",
            *(statistics.median(resident[name]) for name in ("baseline", "ours")),
        ),
    ]


def _started(
    lambdas: Pair, programs: Mapping[str, Program]
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Return the seconds and the peak bytes of several starts of each function, in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    resident: dict[str, list[int]] = {name: [] for name in programs}
    for number in range(-1, _STARTS):  # the first start fills the machine's caches
        for name, program in programs.items():
            with lambdas.start(program, f"{name}{number}") as environment:
                result = environment.invoke(event(lambdas.texts[:1]))
            if number >= 0:
                seconds[name].append((result.init_seconds or 0.0) + result.duration_seconds)
                resident[name].append(result.peak_bytes)
    return seconds, resident


def _compared_with_empty(lambdas: Pair) -> list[dict[str, Any]]:
    """Start both functions, and send them warm the same posts, one per call."""
    cold, _ = _started(lambdas, {"ours": lambdas.ours, "empty": lambdas.empty})
    ratios: list[float] = []
    seconds: tuple[list[float], list[float]] = ([], [])
    with (
        lambdas.start(lambdas.ours, "warm-ours") as ours,
        lambdas.start(lambdas.empty, "warm-empty") as empty,
    ):
        for start in range(0, (_ROUNDS + 1) * _CALLS, _CALLS):
            posts = [[post] for post in lambdas.texts[start:][:_CALLS]]
            warm = [_invoke(environment, posts) for environment in (empty, ours)]
            taken = [[duration for duration, _ in each] for each in warm]
            if start:  # the first round warms up
                ratios.append(statistics.median(taken[0]) / statistics.median(taken[1]))
                for side in (0, 1):
                    seconds[side].extend(taken[side])
    starts, what = (cold["empty"], cold["ours"]), "cold start and one post, model from S3"
    return [
        _times(what, _EMPTY, _quotients(*starts), starts, _POSTS),
        _times("one post, warm", _EMPTY, ratios, seconds, _POSTS),
    ]


def _warm(lambdas: Functions) -> list[dict[str, Any]]:
    """Send both warm functions the same texts; their labels must be the same."""
    one = [[text] for text in lambdas.texts[: _ROUNDS * _CALLS]]
    many = [
        lambdas.texts[start:][:_MANY] for start in range(0, _ROUNDS * _MANY_CALLS * _MANY, _MANY)
    ]
    with (
        lambdas.start(lambdas.baseline, "warm") as baseline,
        lambdas.start(lambdas.ours, "warm-ours") as ours,
    ):
        pair = (baseline, ours)
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
    ratios: list[float] = []
    seconds: tuple[list[float], list[float]] = ([], [])
    for start in range(0, len(requests), calls):
        results = [_invoke(environment, requests[start:][:calls]) for environment in pair]
        theirs, ours = ([labels(result) for _, result in each] for each in results)
        if theirs != ours:
            raise AssertionError("the two functions do not return the same labels")
        taken = [[duration for duration, _ in each] for each in results]
        ratios.append(statistics.median(taken[0]) / statistics.median(taken[1]))
        for side in (0, 1):
            seconds[side].extend(taken[side])
    return _times(what, _BASELINE, ratios, seconds)


def _invoke(
    environment: ExecutionEnvironment, requests: Sequence[list[str]]
) -> list[tuple[float, Result]]:
    """Return the seconds and the result of each request."""
    return [timed(partial(environment.invoke, event(texts))) for texts in requests]


def _quotients(theirs: Sequence[float], ours: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(theirs, ours, strict=True)]


def _times(
    what: str, against: str, ratios: list[float], seconds: Sequence[list[float]], data: str = _DATA
) -> dict[str, Any]:
    """Return the row of a time, with the medians of the other function and ours."""
    theirs, ours = (f"median {statistics.median(each) * 1e3:.1f} ms" for each in seconds)
    return row(f"Lambda: {what}", against, data, spread(ratios), (theirs, ours))


def _sizes(what: str, theirs: float, ours: float) -> dict[str, Any]:
    sides = f"{theirs / 1e6:.0f} MB", f"{ours / 1e6:.0f} MB"
    return row(f"Lambda: {what}", _BASELINE, _DATA, spread([theirs / ours]), sides)

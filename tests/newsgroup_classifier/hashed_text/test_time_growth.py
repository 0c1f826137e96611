"""Cutting a text takes time in proportion to its length, whatever is in it."""

import time

import pytest

from newsgroup_classifier.hashed_text.blocks import KINDS, Block
from newsgroup_classifier.hashed_text.parts import PARTS
from newsgroup_classifier.hashed_text.vocabulary import learn

SIZES = (20_000, 160_000)  # characters
# Quadratic time grows by 64, linear time by 8; the rest is for a busy machine.
MOST, LEAST_SECONDS = 20, 0.02
RUNS = ["a", "a ", ".", "a.", ":", "-", "-- ", "said ", "\n", "\r\n", "\n\t", "a:\n", ">", "\u4e2d"]


def seconds_of(function, text):
    began = time.perf_counter()
    function(text)
    return time.perf_counter() - began


def assert_linear(function, run):
    times = [min(seconds_of(function, (run * size)[:size]) for _ in range(3)) for size in SIZES]
    assert times[1] < MOST * max(times[0], LEAST_SECONDS)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("part", PARTS)
def test_parts_are_found_in_linear_time(part, run):
    assert_linear(PARTS[part], run)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("kind", KINDS)
def test_ngrams_are_counted_in_linear_time(kind, run):
    vocabulary, _ = learn(Block(kind, 1, 3), ["a. b", "c"])
    assert_linear(lambda text: vocabulary.weigh([text]), run)

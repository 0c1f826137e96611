"""Runs are compared on the rows that they share, and only if these are the same rows."""

from dataclasses import replace

import pytest
from scipy.stats import binom

from newsgroup_classifier.errors import DataError
from newsgroup_classifier.evaluation.report.comparison import (
    METRICS,
    check_comparable,
    compare,
    evenly,
)
from newsgroup_classifier.evaluation.report.page import render_comparison
from tests.newsgroup_classifier.evaluation.report.reports import made_run as run
from tests.newsgroup_classifier.evaluation.report.reports import parsed


def test_compare_lists_the_rows_that_only_one_run_gets_right():
    one = compare(run("first", "aabb"), run("second", "abaa", accuracy=0.75))
    assert (one.rows, one.only_first, one.only_second) == (4, [2], [3, 4])
    assert one.differences == dict.fromkeys(METRICS, 0.25)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 9), (9, 1), (5, 5), (0, 12)])
def test_p_value_of_mcnemar_is_that_of_a_fair_coin(first, second):
    one = compare(run("x", "a" * first + "b" * second), run("y", "b" * first + "a" * second))
    extreme = 2 * binom.cdf(min(first, second), first + second, 0.5)
    assert one.p_value == pytest.approx(min(1, extreme))


def test_compare_uses_only_rows_that_both_runs_have():
    second = run("second", "aaaa")
    sampled = replace(second, predictions={2: ("a", "a"), 9: ("a", "b")})
    assert compare(run("first", "abba"), sampled).rows == 1


@pytest.mark.parametrize(
    ("test", "message"),
    [("3", "the test channels of first and second differ"), ("", "read its test channel through")],
)
def test_runs_with_other_test_channels_are_refused(test, message):
    with pytest.raises(DataError, match=message):
        check_comparable([run("first", "a"), run("second", "a", test=test)])


def test_rows_are_chosen_at_even_distances():
    assert evenly([1, 2, 5], 3) == evenly([1, 2, 5], 50) == [1, 2, 5]
    assert evenly(range(100), 4) == [0, 25, 50, 75]
    assert evenly([], 4) == []


def test_page_says_that_the_test_rows_are_a_generated_sample():
    runs = [run("first", "ab"), run("second", "ba")]
    pages = []
    for generated in (True, False):
        runs[1] = replace(runs[1], figures={**runs[1].figures, "generated_sample": generated})
        pages.append(render_comparison(runs, [compare(*runs)], {}, most=1))
    assert ["generated sample: the figures mean nothing" in page for page in pages] == [True, False]


def test_page_shows_metrics_differences_and_texts_that_changed_sides():
    runs = [run("first", "aabb"), run("second", "abaa", accuracy=0.75, alpha=2)]
    html = render_comparison(runs, [compare(*runs)], {2: "second", 3: "<b>third</b>"}, most=1)
    text = parsed(html).text
    for words in (
        *("0.7500 (+0.2500)", "alpha 1 2", "Right only in the second run : 2 rows", "<b>third</b>"),
        *(
            "1 of them, at even distances in the test channel.",
            "McNemar's exact test: p = 1",
            "difference may be chance",
        ),
    ):
        assert words.replace(" :", ":") in text, words

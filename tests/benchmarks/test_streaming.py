"""The generated corpus, and the cost of training on it as a stream."""

import csv
import io
from itertools import islice

import pytest

from benchmarks.corpus import LABELS, rows, write_corpus
from benchmarks.streaming import MOST_MEGABYTES, measure, run_job


def posts(count, seed=0):
    file = io.StringIO()
    write_corpus(count, file, seed)
    file.seek(0)
    return list(csv.DictReader(file))


def test_corpora_of_the_same_seed_begin_with_the_same_rows_at_any_length():
    assert list(rows(30)) == list(islice(rows(3000), 30))
    assert list(rows(30, seed=1)) != list(rows(30))


def test_corpus_has_the_columns_of_a_channel_and_every_label():
    corpus = posts(1000)
    assert len(corpus) == 1000
    assert {row["label"] for row in corpus} == {str(number) for number in range(LABELS)}
    assert all(row["label_names"] == f"label-{int(row['label']):02}" for row in corpus)


def test_more_posts_have_more_distinct_words():
    few, many = (
        {word for row in posts(count) for word in row["data"].split()} for count in (200, 1000)
    )
    assert len(many) > 2 * len(few)


@pytest.mark.slow
def test_memory_of_the_measuring_process_is_not_counted():
    ballast = b"x" * (MOST_MEGABYTES * 2**20)
    assert run_job(200).peak_megabytes < MOST_MEGABYTES
    assert ballast


@pytest.mark.slow
def test_training_on_five_times_the_posts_takes_bounded_memory_and_the_same_time_per_post():
    smaller, larger = measure((10_000, 50_000))
    assert larger["peak_megabytes"] < MOST_MEGABYTES
    assert larger["peak_megabytes"] < 2 * smaller["peak_megabytes"]  # not five times
    assert larger["microseconds per post"] < 1.5 * smaller["microseconds per post"]
    assert min(smaller["accuracy"], larger["accuracy"]) > 0.9

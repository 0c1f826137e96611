"""Generated newsgroup posts have the form of the real ones and are reproducible."""

import pandas as pd
import pytest

from newsgroup_classifier.channels.texts import COLUMNS
from newsgroup_classifier.datasets.newsgroups import GROUPS, generate_newsgroups, subject_of
from newsgroup_classifier.text.cleaning import clean_post


@pytest.fixture(params=["train", "test"])
def split(request, sample) -> pd.DataFrame:
    """Return one part of the sample."""
    return getattr(sample, request.param)


def test_sample_has_the_columns_of_a_channel(split):
    assert tuple(split.columns) == COLUMNS


def test_sample_has_all_groups_equally_often_under_their_numbers(split):
    assert set(zip(split["label"], split["label_names"], strict=True)) == set(enumerate(GROUPS))
    assert split["label"].value_counts().nunique() == 1


def test_sample_posts_have_five_header_lines(split):
    for post in split["data"]:
        lines = post.split("\n")
        assert lines[0].startswith("From: ")
        assert lines[3].startswith("Lines: ")
        assert lines[4] == ""


def test_sample_posts_have_the_subject_of_their_row(split):
    assert [subject_of(post) for post in split["data"]] == list(split["data_subject"])


def test_sample_posts_have_words_after_cleaning(split):
    assert all(len(clean_post(post).split()) > 10 for post in split["data"])


def test_sample_with_the_same_seed_is_the_same(sample):
    again = generate_newsgroups()
    pd.testing.assert_frame_equal(again.train, sample.train)
    pd.testing.assert_frame_equal(again.test, sample.test)


def test_sample_with_another_seed_is_different(sample):
    other = generate_newsgroups(seed=1)
    assert not set(other.train["data"]) & set(sample.train["data"])


def test_sample_parts_share_no_post(sample):
    assert not set(sample.train["data"]) & set(sample.test["data"])


def test_sample_is_marked_as_generated(sample):
    assert sample.source == "generated sample"

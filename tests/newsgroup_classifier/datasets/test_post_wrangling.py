"""Wrangling keeps the same number of clean posts per class and reports every dropped post."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.post_wrangling import Thresholds, save_post_plots, wrangle
from newsgroup_classifier.datasets.sources.submissions import Post
from newsgroup_classifier.datasets.subreddits import generate_raw_posts, generate_subreddits
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.posts import clean_post


@pytest.mark.parametrize("wrong", [Thresholds(-1, 5), Thresholds(100, 2)])
def test_wrangle_with_invalid_thresholds_is_refused(wrong):
    with pytest.raises(DataError, match="expected 0 characters or more and 3 posts or more"):
        wrangle([], wrong)


def test_wrangle_counts_every_post_once():
    posts = generate_raw_posts()
    kept, report = wrangle(posts, Thresholds(100, 50))
    rare = sum(report.rare_classes.values())
    assert report.too_short + report.duplicates + rare + report.over + report.kept == report.read
    assert (report.read, len(kept), report.rare_classes) == (465, 350, {"travel": 5})
    assert {size.posts for size in report.after.values()} == {50}
    assert min(len(clean_post(post.text)) for post in kept) >= 100
    assert wrangle(posts, Thresholds(100, 50)) == (kept, report)


posts = st.builds(Post, st.sampled_from("abc"), st.just(""), st.text("xyz !'", max_size=12))


@given(st.lists(posts, max_size=60), st.integers(0, 6), st.integers(3, 6))
@settings(max_examples=60)
def test_wrangle_of_any_posts_keeps_the_same_number_per_class(raw, characters, count):
    kept, report = wrangle(raw, Thresholds(characters, count))
    assert {size.posts for size in report.after.values()} <= {count}
    assert all(len(clean_post(post.text)) >= max(1, characters) for post in kept)
    assert len({clean_post(post.text) for post in kept}) == len(kept)
    dropped = report.too_short + report.duplicates + sum(report.rare_classes.values()) + report.over
    assert dropped + report.kept == report.read == len(raw)


def test_save_post_plots_saves_both_plots(tmp_path):
    names = save_post_plots(generate_subreddits().wrangling, tmp_path)
    assert names == ["posts_per_class.png", "mean_length_per_class.png"]
    for name in names:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")

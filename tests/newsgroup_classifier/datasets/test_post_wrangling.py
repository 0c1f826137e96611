"""Posts are cleaned, and so many of each class are kept; a report counts every one of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.datasets.post_wrangling import Thresholds, wrangle
from newsgroup_classifier.datasets.sources.submissions import Post
from newsgroup_classifier.datasets.subreddits import generate_raw_posts
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.evaluation.post_plots import draw_classes
from newsgroup_classifier.text.posts import clean_post


@pytest.mark.parametrize("wrong", [Thresholds(-1, 5), Thresholds(100, 2)])
def test_thresholds_that_make_no_sense_are_refused(wrong):
    with pytest.raises(DataError, match="expected 0 characters or more and 3 posts or more"):
        wrangle([], wrong)


def test_wrangling_counts_every_post_once():
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
def test_wrangling_of_any_posts_keeps_as_many_of_each_class(found, characters, count):
    kept, report = wrangle(found, Thresholds(characters, count))
    assert {size.posts for size in report.after.values()} <= {count}
    assert all(len(clean_post(post.text)) >= max(1, characters) for post in kept)
    assert len({clean_post(post.text) for post in kept}) == len(kept)
    dropped = report.too_short + report.duplicates + sum(report.rare_classes.values()) + report.over
    assert dropped + report.kept == report.read == len(found)


@pytest.mark.parametrize(
    ("post", "cleaned"),
    [
        ("It's \u201cquoted\u201d, isn\u2019t it?!", "it's quoted isn't it"),
        ("a_b https://x.y/z 'single'", "a_b https x y z single"),
        ("\u00c9COLE\n\n 42%", "\u00e9cole 42"),
        ("!?", ""),
    ],
)
def test_clean_post_leaves_words_in_lower_case(post, cleaned):
    assert clean_post(post) == cleaned


@given(st.text())
@settings(max_examples=100)
def test_clean_post_of_a_cleaned_post_changes_nothing(text):
    assert clean_post(clean_post(text)) == clean_post(text)


def test_pictures_of_classes_are_drawn(tmp_path):
    names = draw_classes(generate_dataset("subreddits").wrangling, tmp_path)
    assert names == ["posts_per_class.png", "mean_length_per_class.png"]
    for name in names:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")

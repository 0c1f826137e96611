"""Reddit posts are cleaned to lower-case words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.text.posts import clean_post


@pytest.mark.parametrize(
    ("post", "cleaned"),
    [
        ("It's \u201cquoted\u201d, isn\u2019t it?!", "it's quoted isn't it"),
        ("a_b https://x.y/z 'single'", "a_b https x y z single"),
        ("\u00c9COLE\n\n 42%", "\u00e9cole 42"),
        ("!?", ""),
    ],
)
def test_clean_post_returns_lower_case_words(post, cleaned):
    assert clean_post(post) == cleaned


@given(st.text())
@settings(max_examples=100)
def test_clean_post_is_idempotent(text):
    assert clean_post(clean_post(text)) == clean_post(text)

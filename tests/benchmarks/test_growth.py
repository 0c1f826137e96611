"""The larger corpus of the growth benchmark has the new words that its row mentions."""

import re

import pytest

from benchmarks.growth import with_new_words
from newsgroup_classifier.datasets.newsgroups import generate_newsgroups


def words(text: str) -> list[str]:
    return re.findall("[a-zA-Z]+", text)


@pytest.mark.parametrize("copy", [0, 3, 9])
def test_every_twentieth_word_of_a_copy_is_new(copy):
    post = generate_newsgroups().train["data"].iloc[0] * 5
    before, after = words(post), words(with_new_words(post, copy))
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == -(-len(before) // 20)
    assert not set(changed) & set(before)


def test_new_words_differ_between_copies():
    post = "one two three " * 40
    new_words = [set(words(with_new_words(post, copy))) - set(words(post)) for copy in range(10)]
    assert len(set.union(*new_words)) == sum(map(len, new_words)) > 0

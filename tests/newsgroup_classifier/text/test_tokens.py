"""Tokens of cleaned texts are counted as NLTK's tokenizer counts them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer

from newsgroup_classifier.text.tokens import CONTRACTIONS, count_tokens, middling_words

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
CLEANED = st.lists(WORDS | st.sampled_from(sorted(CONTRACTIONS)), max_size=30).map(" ".join)


@given(st.lists(CLEANED, max_size=4))
def test_counts_equal_those_of_nltk_on_any_cleaned_texts(texts):
    tokenizer = NLTKWordTokenizer()
    expected = Counter(token for text in texts for token in tokenizer.tokenize(text))
    assert count_tokens(texts) == expected


@pytest.mark.parametrize(("word", "count"), [("ab", 50), ("abc", 3), ("abc", 100)])
def test_middling_words_leave_out_short_rare_and_common_ones(word, count):
    assert middling_words({word: count, "kept": 4, "also": 99}) == {"kept": 4, "also": 99}

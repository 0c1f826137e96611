"""The token counts of cleaned texts agree with NLTK's tokenizer."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer

from newsgroup_classifier.text.tokens import CONTRACTIONS, cloud_words, count_tokens

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
CLEANED = st.lists(WORDS | st.sampled_from(sorted(CONTRACTIONS)), max_size=30).map(" ".join)


@given(st.lists(CLEANED, max_size=4))
def test_count_tokens_of_any_cleaned_texts_agrees_with_nltk(texts):
    tokenizer = NLTKWordTokenizer()
    expected = Counter(token for text in texts for token in tokenizer.tokenize(text))
    assert count_tokens(texts) == expected


def test_cloud_words_omits_short_words_and_stop_words():
    assert cloud_words({"ab": 50, "not": 50, "rare": 1, "common": 9999}) == {
        "rare": 1,
        "common": 9999,
    }

"""Words are found in every script, with their places in code points of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.explanations.words import (
    MOST_WORDS,
    find_words,
    hide_each,
    refusal,
    without_each,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The moon's orbit, again!", ["The", "moon's", "orbit", "again"]),
        ("it\u2019s 'quoted' don't", ["it\u2019s", "quoted", "don't"]),
        ("snake_case v1 42", ["snake_case", "v1", "42"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("العربية لغة", ["العربية", "لغة"]),
        ("月の裏側", list("月の裏側")),
        ("한국어 문장", ["한국어", "문장"]),
        ("ภาษาไทย", ["ภ", "า", "ษ", "า", "ไ", "ท", "ย"]),
        ("good 👍🏽 day 😀", ["good", "👍", "day", "😀"]),
        ("e\u0301te\u0301 x", ["e\u0301te\u0301", "x"]),
        ("... \u200b --", []),
        ("", []),
    ],
)
def test_find_words_returns_the_words_of_a_text(text, words):
    assert [text[start:end] for start, end in find_words(text)] == words


@given(st.text())
def test_words_of_any_text_are_in_order_and_apart(text):
    places = [place for span in find_words(text) for place in span]
    assert places == sorted(places)
    assert all(start < end for start, end in find_words(text))
    assert not places or (places[0] >= 0 and places[-1] <= len(text))


@given(st.text(max_size=50))
def test_words_are_left_out_one_by_one_and_then_all(text):
    spans, texts = without_each(text)
    assert len(texts) == len(spans) + 1
    for (start, end), left in zip(spans, texts, strict=False):
        assert left == text[:start] + text[end:]
    assert len(texts[-1]) == len(text) - sum(end - start for start, end in spans)


def test_only_the_first_words_of_a_long_text_are_examined():
    text = " ".join(f"word{number}" for number in range(MOST_WORDS + 50))
    spans, texts = without_each(text)
    assert len(spans) == MOST_WORDS
    assert texts[-1].split()[0] == f"word{MOST_WORDS}"
    assert hide_each(text)[1][0].endswith(f"word{MOST_WORDS - 1}")


def spaced(words, characters):
    """Return a text of words of one letter, and spaces."""
    return ("a " * words).ljust(characters)


@pytest.mark.parametrize(
    ("texts", "more"),
    [
        ([spaced(199, 10_000)], 200),
        ([spaced(99, 10_000)] * 2, 100),
        ([spaced(1000, 9_900), spaced(0, 10_100)], 1),  # the first 200 words are examined
    ],
)
def test_explanations_are_limited_by_words_times_characters(texts, more):
    assert refusal(texts) == ""
    assert refusal([*texts[:-1], texts[-1] + "."]) == (
        f"(words + 1) x characters of the texts add up to {2_000_000 + more:,}; with "
        '"explain", expected at most 2,000,000. Send fewer texts in one request, or parts of them.'
    )

"""Cleaning any text gives the same words as the tutorial's code."""

import re
from collections import Counter
from zipfile import ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer

from newsgroup_classifier.text import cleaning
from tests.newsgroup_classifier.conftest import data_folder

POST = "From: a\nSubject: b\nOrganization: c\nLines: 2\n\nThe QUICK fox's 2nd jump,\nisn't it?"
KELVIN, DOTTED_I, LONE_SURROGATE = "\u212a", "\u0130", "\ud800"
HEADER = "\n" * 5


def reference_words(post: str, stop_words: frozenset[str]) -> list[str]:
    """Return the words of the tutorial's four steps, in an independent implementation."""
    body = "\n".join(post.split("\n")[5:])
    letters = re.sub(r"[^a-zA-Z]", " ", body.lower())
    return [word for word in letters.split() if word not in stop_words]


def any_text():
    return st.text(st.characters(codec=None) | st.sampled_from(f"\n\r\0'iI{KELVIN}{DOTTED_I}"))


def test_clean_post_of_a_small_post_keeps_its_words():
    assert cleaning.clean_post(POST) == "quick fox nd jump"


@given(any_text())
@example(f"{KELVIN}elvin {DOTTED_I}stanbul {LONE_SURROGATE}a\0b\rc\x85d\u2028e")
@settings(max_examples=300)
def test_clean_post_of_any_text_equals_the_reference(text):
    post = HEADER + text
    expected = reference_words(post, cleaning.stop_words())
    assert cleaning.clean_post(post).split() == expected


@given(st.lists(any_text(), max_size=9))
@settings(max_examples=100)
def test_drop_header_of_any_lines_equals_the_lines_after_the_fifth(lines):
    post = "\n".join(lines)
    assert cleaning.drop_header(post) == "\n".join(post.split("\n")[5:])


@pytest.mark.parametrize("post", ["", "one line", "1\n2\n3\n4\n5", "1\n2\n3\n4\n5\n"])
def test_drop_header_of_five_lines_or_fewer_returns_an_empty_text(post):
    assert cleaning.drop_header(post) == ""


def test_drop_header_counts_line_feeds_but_not_carriage_returns():
    assert cleaning.drop_header("1\r2\n3\r\n4\n5\n6\nbody\r\n") == "body\r\n"


@pytest.mark.parametrize(
    ("text", "letters"), [(KELVIN, "k"), (DOTTED_I + "x", "i x"), ("a1b_c-d", "a b c d")]
)
def test_letters_only_returns_lower_case_letters_and_spaces(text, letters):
    assert cleaning.letters_only(text) == letters


@given(any_text())
@example("Größe: 5 m²_x, ДОМ\t你好")
@settings(max_examples=100)
def test_letters_of_any_alphabet_keeps_the_words_of_each_alphabet(text):
    kept = [each if each.isalnum() and not each.isdecimal() else " " for each in text.lower()]
    assert cleaning.letters_of_any_alphabet(text).split() == "".join(kept).split()


def test_drop_stop_words_drops_the_parts_of_contractions():
    assert cleaning.drop_stop_words("isn t don fox") == "fox"


@given(any_text())
@settings(max_examples=100)
def test_clean_post_of_any_text_returns_letters_and_single_spaces(text):
    assert re.fullmatch(r"([a-z]+( [a-z]+)*)?", cleaning.clean_post(HEADER + text))


def test_clean_posts_cleans_each_post():
    cleaned = cleaning.clean_post(POST)
    assert cleaning.clean_posts([POST, "", POST]) == [cleaned, "", cleaned]


def test_stop_words_are_179_words():
    assert len(cleaning.stop_words()) == 179


def test_stop_words_equal_those_of_nltk():
    with ZipFile(data_folder() / "nltk_data" / "corpora" / "stopwords.zip") as archive:
        published = archive.read("stopwords/english").decode().split()
    assert cleaning.stop_words() == frozenset(published)


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
CLEANED = st.lists(WORDS | st.sampled_from(sorted(cleaning.CONTRACTIONS)), max_size=30).map(
    " ".join
)


@given(st.lists(CLEANED, max_size=4))
def test_count_tokens_of_any_cleaned_texts_agrees_with_nltk(texts):
    tokenizer = NLTKWordTokenizer()
    expected = Counter(token for text in texts for token in tokenizer.tokenize(text))
    assert cleaning.count_tokens(texts) == expected


def test_cloud_words_omits_short_words_and_stop_words():
    assert cleaning.cloud_words({"ab": 50, "not": 50, "rare": 1, "common": 9999}) == {
        "rare": 1,
        "common": 9999,
    }

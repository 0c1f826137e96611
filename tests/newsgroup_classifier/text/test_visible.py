"""A text without a visible character is blank, by one definition everywhere."""

import pytest

from newsgroup_classifier.text.visible import is_blank

BLANK = [
    "",
    " \t\r\n\x85\u00a0\u3000",
    "\u200b",
    "\ufeff",
    "\0\x1b\x7f",
    "\u00ad\u2060\u200d",
    "\u0301\ufe0f",
    "\u115f\u1160\u2800\u3164\uffa0",
    "\U000e0041",
]
VISIBLE = ["a", "0", "!", "\u4f60", "\U0001f642", "\u2764\ufe0f", "e\u0301", " \u200b.", "\ue000"]


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_text_without_a_visible_character_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_text_with_a_visible_character_is_not_blank(text):
    assert not is_blank(text)


def test_code_point_of_a_newer_unicode_is_not_blank():
    assert not is_blank("\U0001fae9")  # assigned in Unicode 16, which Python 3.12 does not know

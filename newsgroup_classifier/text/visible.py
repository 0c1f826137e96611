"""Whether a text has a character that a reader can see, by one definition for all programs."""

from unicodedata import category

_HIDDEN = ("Cc", "Cf")  # control and format characters, such as NUL and U+200B
_HIDDEN_GROUPS = ("Z", "M")  # white space, and marks, which need another character
_EMPTY_GLYPHS = "\u115f\u1160\u2800\u3164\uffa0"  # Hangul fillers and the blank Braille pattern


def is_blank(text: str) -> bool:
    """Return whether no character of a text is visible; the empty text is blank.

    Unassigned code points count as visible, because they may be characters of a newer Unicode.
    """
    return all(
        name in _HIDDEN or name[0] in _HIDDEN_GROUPS or character in _EMPTY_GLYPHS
        for character, name in zip(text, map(category, text), strict=True)
    )

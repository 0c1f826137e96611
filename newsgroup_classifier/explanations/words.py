"""Find the words of a text, and write the text without some of them.

A word is a run of letters, marks, digits, underscores, and single apostrophes between them. In
scripts without spaces (Chinese, Japanese, Thai, Lao, Burmese, Khmer), each character is a word of
its own with its marks, and so is each symbol, such as an emoji. Punctuation belongs to no word.
"""

import re
from collections.abc import Sequence
from unicodedata import category

Spans = list[tuple[int, int]]
MOST_WORDS = 200  # examined per text if the words must be removed one by one
MOST_TEXTS = 10  # of a request for explanations
MOST_WORK = 2_000_000  # characters of its texts, with each word and without it
HIDDEN = "\ua66e"  # a letter that no model has learned; two hide a word, and join no others
_SPACELESS = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF)),
    *((0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)
_WORD = re.compile(r"1m*|[am]+(?:'[am]+)*")


class _Kinds(dict[int, str]):
    """A table for str.translate from characters to their kinds, filled on demand."""

    def __missing__(self, code: int) -> str:
        """Return and store the kind of a character."""
        self[code] = _kind(code)
        return self[code]


def _kind(code: int) -> str:
    group = category(chr(code))
    if group[0] == "M":
        return "m"
    if group == "So" or (
        group[0] == "L" and any(first <= code <= last for first, last in _SPACELESS)
    ):
        return "1"
    if group[0] in "LN" or code == ord("_"):
        return "a"
    return "'" if chr(code) in "'\u2019" else " "


_KINDS = _Kinds()


def find_words(text: str) -> Spans:
    """Return where each word starts and ends, in code points of the text."""
    return [match.span() for match in _WORD.finditer(text.translate(_KINDS))]


def refusal(texts: Sequence[str]) -> str:
    """Return why the texts of a request cannot be explained, or ""."""
    if len(texts) > MOST_TEXTS:
        return (
            f'the request has {len(texts):,} texts; with "explain", expected at most {MOST_TEXTS}. '
            "Send them in several requests."
        )
    work = sum((min(len(find_words(text)), MOST_WORDS) + 1) * len(text) for text in texts)
    if work > MOST_WORK:
        return (
            f'(words + 1) x characters of the texts add up to {work:,}; with "explain", expected '
            f"at most {MOST_WORK:,}. Send fewer texts in one request, or parts of them."
        )
    return ""


def without_each(text: str) -> tuple[Spans, list[str]]:
    """Return the first words, the text without each of them and, last, without all of them."""
    spans = find_words(text)[:MOST_WORDS]
    texts = [text[:start] + text[end:] for start, end in spans]
    return spans, [*texts, _replaced(text, spans, "")]


def hide_each(text: str) -> tuple[Spans, list[str]]:
    """Return the first words, the text up to the last of them, and that text with each one hidden.

    In place of a hidden word is one that no model knows, so that its neighbors do not come
    together.
    """
    words = find_words(text)
    spans = words[:MOST_WORDS]
    head = text[: spans[-1][1]] if len(words) > len(spans) else text
    return spans, [head, *(_replaced(head, [span], 2 * HIDDEN) for span in spans)]


def _replaced(text: str, spans: Spans, by: str) -> str:
    """Return a text with something else in place of words."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], by]
        at = end
    return "".join([*parts, text[at:]])

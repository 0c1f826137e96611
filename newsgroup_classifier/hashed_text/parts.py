"""The parts of a text that a block may read: all of it, its title, or parts of a posting."""

import re
from collections.abc import Callable

WHOLE, TITLE, SUBJECT, BODY = "whole", "title", "subject", "body"

_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_FIELD = re.compile(r"[!-9;-~]+:")  # the name of a header field, as in RFC 5322
_SUBJECT = re.compile(r"^subject:(.*)$", re.IGNORECASE | re.MULTILINE)
_SIGNATURE = re.compile(r"^--[ \t\r]*$", re.MULTILINE)
_QUOTED = re.compile(r"[ \t]*[>|:}]|In article\b")
_INTRODUCTION = re.compile(r"\b(?:writes|wrote|says|said):?[ \t\r]*$")  # of a quotation
_ENDS = tuple(f"{verb}{end}" for verb in ("writes", "wrote", "says", "said") for end in ("", ":"))


def title(text: str) -> str:
    """Return the first line."""
    return text.partition("\n")[0]


def subject(text: str) -> str:
    """Return the Subject of a posting; "" for a text without a header."""
    match = _SUBJECT.search(_split(text)[0])
    return match[1].strip() if match else ""


def body(text: str) -> str:
    """Return a text without header, quoted lines, and signature, the parts of a posting."""
    return "\n".join(text[start:end] for start, end in body_lines(text))


def body_lines(text: str) -> list[tuple[int, int]]:
    """Return where the lines of the body start and end in a text."""
    rest = _split(text)[1]
    end = _SIGNATURE.search(rest)
    start, spans = len(text) - len(rest), []
    for line in rest[: end.start() if end else None].split("\n"):
        if not _is_quotation(line):
            spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def subject_start(text: str) -> int:
    """Return where the Subject of a posting that has one starts in a text."""
    match = _SUBJECT.search(_split(text)[0])
    return match.start(1) + len(match[1]) - len(match[1].lstrip()) if match else 0


def _is_quotation(line: str) -> bool:
    """Return whether a line is quoted or introduces a quotation."""
    if _QUOTED.match(line):
        return True
    # The comparison of ends spares most lines the search.
    return line.rstrip(" \t\r").endswith(_ENDS) and bool(_INTRODUCTION.search(line))


def _split(text: str) -> tuple[str, str]:
    """Return the header and the rest of a posting; only a text that begins with a field has one."""
    if not _FIELD.match(text):
        return "", text
    header, *rest = _BLANK_LINE.split(text, maxsplit=1)
    return header, "".join(rest)


PARTS: dict[str, Callable[[str], str]] = {WHOLE: str, TITLE: title, SUBJECT: subject, BODY: body}

"""Parts of a text: its title, the Subject of a posting, and its body."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsgroup_classifier.hashed_text.parts import body, subject, title

POST = """From: jo@example.com (Jo)
Subject: Re: Which modem?
Organization: none

In article <1@example.com> al@example.com writes:
> Which one
  > should I buy?
| Any.
Al wrote:
The fast one.
He said: no matter.
-- 
Jo, Example Inc.
"""  # noqa: W291


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_posting_has_a_subject_and_a_body_without_quotations_and_signature(end):
    post = POST.replace("\n", end)
    assert subject(post) == "Re: Which modem?"
    assert body(post).split(end) == ["The fast one.", "He said: no matter.", ""]


def test_subject_below_the_header_is_part_of_the_body():
    assert subject("From: jo\n\nSubject: no") == ""
    assert body("From: jo\n\nSubject: no") == "Subject: no"


@pytest.mark.parametrize("text", ["", "One line", "A first paragraph\n\nand a second"])
def test_text_without_a_header_is_its_own_body_and_has_no_subject(text):
    assert (subject(text), body(text)) == ("", text)


QUOTED = re.compile(r"[ \t]*[>|:}]|In article\b|.*(?:\bwrites|\bwrote|\bsays|\bsaid):?[ \t\r]*$")
PIECES = [
    "writes",
    "wrote",
    "says",
    "said",
    "In article",
    " ",
    "\t",
    "\r",
    ":",
    ">",
    "|",
    "}",
    "a",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
@example("He writes:\r")
@example("rewrites")
def test_body_lacks_lines_that_are_quoted_or_introduce_a_quotation(line):
    assert body(f"\n{line}") == ("" if QUOTED.match(line) else f"\n{line}")


def test_header_alone_has_no_body():
    assert (subject("SUBJECT: x\nTo: y"), body("Subject: x\nTo: y")) == ("x", "")


def test_title_is_the_first_line():
    assert [title(text) for text in ("a\nb\nc", "a", "\na", "")] == ["a", "a", "", ""]

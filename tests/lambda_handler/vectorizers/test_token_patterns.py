"""Token patterns whose time grows faster than the text are not served."""

import re
import time

import pytest

from newsgroup_classifier.hashed_text.token_patterns import is_linear

PATTERNS = [
    r"(?u)\b\w\w+\b", r"\w+", r"\S+", r"\w+|[^\w\s]", r"[a-z]+", r"\b[a-zA-Z0-9']+\b", r"[\w'-]+",
    r"\b\w{3,}\b", r"[^\s]+", r"\d{4}|\w+",
]  # fmt: skip
REFUSED = [
    *("(a+)+b", r"\w+\w+x", r"[a-z]+\b", r"(\w)\1", "a|b", "", r"\w*", r"[z-a]+", r"\w+|"),
    *(r"(?i)\w+", r"\w+" + r"|\w" * 10, r"[\w]" * 99, r"\w{1,9}\w{1,9}", r"[a]]+"),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_accepted_pattern_takes_time_in_proportion_to_the_text(pattern):
    assert is_linear(pattern)

    def seconds(size):
        texts = (
            "a" * size + "1_",
            "." * size,
            "a." * (size // 2),
            "-a" * (size // 2) + "_",
            "é" * size,
        )
        taken = []
        for _ in range(5):
            began = time.process_time()
            for text in texts:
                re.findall(pattern, text)
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(64_000) < 25 * seconds(8_000)


@pytest.mark.parametrize("pattern", REFUSED)
def test_pattern_that_may_take_longer_is_refused(pattern):
    assert not is_linear(pattern)

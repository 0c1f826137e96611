"""Compare two explanations of a text."""

from typing import Any

import pytest

TOLERANCE = 1e-6


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Assert that two explanations have the same words, and the same numbers to 1e-6."""
    for name, value in other.items():
        if name == "words":
            assert len(one[name]) == len(value)
            for word, same in zip(one[name], value, strict=True):
                assert_same(word, same)
        elif isinstance(value, float):
            assert one[name] == pytest.approx(value, rel=0, abs=TOLERANCE)
        else:
            assert one[name] == value
    assert one.keys() == other.keys()
